"""How ``commands.py`` runs the commands that are more than their report. ``{logs}`` and other names are told there."""

from __future__ import annotations

CASES: dict[str, tuple[str, ...]] = {
    "analyze": (
        "{logs} --json",
        "{logs} --json --no-cache",
        "{logs} --by agent_name,hour --json",
        "{logs} --by language --format html -o {out}/analyze.html",
        "{logs} --where 'duration_s > 60' --json",
        "{logs} --sentiment --json",
    ),
    "calls": (
        "{logs} --json",
        "{logs} --json-lines",
        "{logs} --format csv",
        "{logs} --format table",
        "{logs} --format md",
        "{logs} --format html",
        "{logs} --format parquet -o {out}/calls.parquet",
        "{logs} --by agent_name --sort cost --json",
        "{logs} --sentiment --format csv",
    ),
    "call": ("{call} {logs} --json",),
    "report": ("{logs} -o {out}/report.html", "{logs} --with-text -o {out}/report.html"),
    "cost": ("{logs} --json", "{logs} --by agent_name,day,model --json", "{logs} --compare list --json"),
    "export": (
        "{logs} --parquet {out}/parquet",
        "{logs} --csv {out}/csv",
        "{logs} --parquet {out}/parquet-with-text --with-text",
        "{logs} --csv {out}/csv-with-text --with-text",
        "{logs} --pg --dsn '{dsn}' --with-text",
    ),
    "reconcile": (
        "{out}/invoice.csv {logs} --columns day=day,model=model,quantity=used,unit=unit,amount=amount,provider==groq --json",
    ),
    "outcomes": ("{logs} --json", "{logs} --by agent_name --json", "{logs} --explain {call} --json"),
    "check": ("{logs} --slo {here}/slo.toml --json", "{logs} --init"),
    "compare": ("{base} {new} --json", "{logs} --split-at 2026-11-05 --json"),
    "validate": ("{logs}", "{logs} --json"),
    "sql": (
        "'SELECT count(*) FROM turns WHERE eou_latency_ms > 1500' {logs} --timeout 600 --json",
        "'SELECT provider, sum(cost) FROM operations GROUP BY ALL' {logs} --timeout 600 --json",
        "'SELECT agent_name, count(*) FROM calls JOIN turns USING (call_id) GROUP BY ALL' {logs} --timeout 600 --json",
    ),
    "schema": ("analyze",),
    "simulate": ("-o {out}/simulated --size 200MB",),
    "config": ("--json",),
    "watch": ("{logs} --once --at-newest --json",),
    "serve": ("{logs} --port 0 --timeout 600",),
    "mcp": ("{logs}",),
    "import": ("{out}/export.json -o {out}/imported --json",),
    "pricing show": ("{logs} --json",),
    "pricing check": ("{logs} --json",),
    "pricing suggest": ("{logs}",),
    "pricing estimate": ("{logs} --json",),
    "cache info": ("",),
    "cache verify": ("{logs}",),
    "cache clear": ("",),
}
"""What follows the words of commands that are more than their report."""

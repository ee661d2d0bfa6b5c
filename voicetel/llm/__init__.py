"""A language model as the last judge of a call, only where somebody asks for it. Needs the extra ``llm``."""

from __future__ import annotations

from voicetel.llm.classifier import Judgement, LlmClassifier, MissingPackageError, Transcript, provider_of
from voicetel.llm.spending import Budget, Spending

__all__ = ["Budget", "Judgement", "LlmClassifier", "MissingPackageError", "Spending", "Transcript", "provider_of"]

"""A language model as the last outcome rule, only where somebody asks for it. Needs the extra ``llm``."""

from __future__ import annotations

from voicetel.llm.budget import Budget, Spending
from voicetel.llm.classifier import LlmClassifier, LlmResult, Transcript
from voicetel.llm.endpoint import MissingPackageError, provider_of

__all__ = ["Budget", "LlmClassifier", "LlmResult", "MissingPackageError", "Spending", "Transcript", "provider_of"]

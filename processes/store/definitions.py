"""Deployments and what they brought: process and decision definitions, operations.

A definition is never changed nor deleted; only ``active_since`` moves, when content known already is deployed
again: the version with the latest one is where new instances start. One that was taken back has ``withdrawn_at``:
nothing starts on it, what ran on it can still be read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from processes.store.base import Base, JsonDoc, UtcDateTime, Uuid


class Deployment(Base):
    """A set of files accepted together. ``files``: names with their SHA-256."""

    __tablename__ = "deployment"

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    deployed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deployed_by: Mapped[str] = mapped_column(String(120))
    note: Mapped[str] = mapped_column(Text, default="")
    files: Mapped[dict[str, str]] = mapped_column(JsonDoc)


class ProcessDefinition(Base):
    """One version of one BPMN process; ``spec`` is the compiled form, compressed.

    ``starts``: the elements whose event begins an instance, see :class:`processes.spiff.definition.StartEvent`.
    """

    __tablename__ = "process_definition"
    __table_args__ = (UniqueConstraint("key", "version"), UniqueConstraint("key", "content_hash"))

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    version: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    name_en: Mapped[str] = mapped_column(String(255))
    xml: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    spec: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    elements: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc, deferred=True)
    attributes: Mapped[dict[str, str]] = mapped_column(JsonDoc)
    called_keys: Mapped[list[str]] = mapped_column(JsonDoc)
    decision_keys: Mapped[list[str]] = mapped_column(JsonDoc)
    start_messages: Mapped[list[str]] = mapped_column(JsonDoc)
    starts: Mapped[list[dict[str, Any]]] = mapped_column(JsonDoc, default=list, server_default="[]")
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    deployed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deployed_by: Mapped[str] = mapped_column(String(120))
    active_since: Mapped[datetime] = mapped_column(UtcDateTime)
    #: New instances of this version take no step before somebody lets it go on.
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(120))


class DecisionDefinition(Base):
    """One version of one DMN decision."""

    __tablename__ = "decision_definition"
    __table_args__ = (UniqueConstraint("key", "version"), UniqueConstraint("key", "content_hash"))

    id: Mapped[str] = mapped_column(Uuid, primary_key=True)
    key: Mapped[str] = mapped_column(String(120))
    version: Mapped[int] = mapped_column(Integer)
    content_hash: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(255))
    name_en: Mapped[str] = mapped_column(String(255))
    xml: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployment.id"))
    deployed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    deployed_by: Mapped[str] = mapped_column(String(120))
    active_since: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[str | None] = mapped_column(String(120))


class OperationDefinition(Base):
    """One registered operation, as data; ``body`` is a row of ``operations.yaml``."""

    __tablename__ = "operation_definition"

    code: Mapped[str] = mapped_column(String(120), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JsonDoc)


class RetryPolicyDefinition(Base):
    """How often and how soon an operation is tried again; ``body`` is a row of ``operations.yaml``."""

    __tablename__ = "retry_policy"

    code: Mapped[str] = mapped_column(String(60), primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JsonDoc)

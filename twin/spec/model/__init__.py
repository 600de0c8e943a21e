"""The intent model: what a spec may say, section by section."""

from twin.spec.model.org import Org

__all__ = ["Org"]

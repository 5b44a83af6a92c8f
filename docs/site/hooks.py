"""Take what lies outside of docs/ into the site, and hold the site to making no request to another host."""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File

ROOT = Path(__file__).resolve().parents[2]
MOUNTED = (
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "baselines/README.md",
    "baselines/**/*.toml",
    "benchmarks/README.md",
    "reports/**/*.html",
)
"""Files of the repository that stand in the site under their own path; pages of docs/ stand at its top."""
LINK = re.compile(r"(\]\()([^)#\s]+)")
# What a browser would fetch on its own; a link that somebody has to follow is none.
FETCHED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\bsrc=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|<link\b(?=[^>]*\brel=["']?(?:stylesheet|preconnect|preload|icon))[^>]*?\bhref=["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|(?:@import|url\()\s*["']?((?:https?:)?//[^"'\s)]+)"""
)


def on_files(files: Any, config: Any) -> Any:
    """Add the mounted files."""
    for pattern in MOUNTED:
        for path in sorted(ROOT.glob(pattern)):
            files.append(File.generated(config, path.relative_to(ROOT).as_posix(), abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    """Turn links between files of the repository into links between files of the site."""
    mounted = page.file.generated_by is not None
    here = (
        posixpath.dirname(page.file.src_uri)
        if mounted
        else posixpath.join("docs", posixpath.dirname(page.file.src_uri))
    )

    def moved(match: re.Match[str]) -> str:
        link = match[2]
        if "://" in link or link.startswith("mailto:"):
            return match[0]
        path = posixpath.normpath(posixpath.join(here, link)).removeprefix("docs/")
        return match[1] + posixpath.relpath(path, posixpath.dirname(page.file.src_uri) or ".")

    return LINK.sub(moved, markdown)


def on_post_build(config: Any) -> None:
    """Refuse a site that would ask another host for anything, or whose mounted pages lead nowhere."""
    site = Path(config["site_dir"])
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        found = FETCHED.search(path.read_text(encoding="utf-8"))
        if found:
            raise PluginError(f"{path.relative_to(site)} would fetch {next(filter(None, found.groups()))}")

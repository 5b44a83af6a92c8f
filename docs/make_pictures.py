"""Take the pictures of README and documentation from the committed report on MNIST → MNIST-M.

``python docs/make_pictures.py`` writes ``docs/pictures/*.png``. Chromium opens ``reports/mnist-mnistm.html`` without
a window, in a fixed size, once in each colour scheme; for the t-SNE the page is shown without everything else. Nothing
is drawn anew. The same page, Chromium and typefaces give the same pixels (the committed ones were taken with DejaVu
Sans). They are then reduced to a palette.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
REPORT = ROOT / "reports" / "mnist-mnistm.html"
PICTURES = ROOT / "docs" / "pictures"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
SCHEMES = {"dark": 0, "light": 1}  # Blink's numbers
SCALE = 2
COLOURS = 128
LARGEST = 200_000
"""Bytes of a picture."""

SIZES = {"hero": (1120, 552), "tsne": (1120, 500)}
WITHOUT_MARGIN = """<style>
main { padding-top: 1.6rem !important; padding-bottom: 0 !important }
.hero { padding-top: 0 !important; margin-top: 0 !important }
nav { display: none !important }
</style>"""
ONLY_THE_PAIR = """<style>
main > *, #features > *, #features figure { display: none !important }
main > #features, #features > .grid { display: grid !important }
#features, #features > .grid { margin: 0 !important; border: 0 !important; padding: 0 !important }
#features figure.pictured { display: block !important }
#features .grid { grid-template-columns: 1fr 1fr !important; width: 100% }
</style>"""


def main() -> None:
    """Take all pictures."""
    page = REPORT.read_text(encoding="utf-8").replace("</head>", WITHOUT_MARGIN + "</head>")
    for name, shown in {"hero": page, "tsne": pair(page)}.items():
        for scheme in SCHEMES:
            path = PICTURES / f"{name}-{scheme}.png"
            take(shown, SIZES[name], scheme, path)
            if path.stat().st_size > LARGEST:
                sys.exit(f"{path.name} has {path.stat().st_size:,} bytes, more than {LARGEST:,}: take fewer colours.")
            print(path.relative_to(ROOT), f"{path.stat().st_size:,} bytes")


def pair(page: str) -> str:
    """Return the page with the two panels of the last hidden layer, by domain, and nothing else."""
    shown, count = re.subn(r"<figure>(?=\s*<h3>[^<]*last hidden layer, by domain)", '<figure class="pictured">', page)
    if count != 2:
        sys.exit(f"{REPORT.name} must have two panels of the last hidden layer by domain, got {count}.")
    return shown.replace("</head>", ONLY_THE_PAIR + "</head>")


def take(page: str, size: tuple[int, int], scheme: str, path: Path) -> None:
    """Write what Chromium shows of a page in a window of some size."""
    browser = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if browser is None:
        sys.exit(f"no browser was found; install one of {', '.join(CHROMIUM)}.")
    with tempfile.TemporaryDirectory() as folder:
        source, shot = Path(folder, "page.html"), Path(folder, "shot.png")
        source.write_text(page, encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        options += [f"--force-device-scale-factor={SCALE}", f"--window-size={size[0]},{size[1]}"]
        options += [f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}", f"--user-data-dir={folder}/profile"]
        subprocess.run([browser, *options, f"--screenshot={shot}", source.as_uri()], check=True, capture_output=True)
        image = Image.open(shot).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    path.parent.mkdir(exist_ok=True)
    image.save(path, optimize=True)


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# Install the real components that the tests drive: Chromium, PostgreSQL, bubblewrap, fonts, tesseract,
# clamd (without its signatures: the tests bring their own), LibreOffice without a screen.
# Where one cannot be had, say so loudly; under CI=true fail.
set -u
missing=()
command -v chromium >/dev/null 2>&1 || missing+=(chromium fonts-liberation)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
command -v bwrap >/dev/null 2>&1 || missing+=(bubblewrap)
command -v pdftotext >/dev/null 2>&1 || missing+=(poppler-utils)
command -v tesseract >/dev/null 2>&1 || missing+=(tesseract-ocr)
command -v clamd >/dev/null 2>&1 || missing+=(clamav-daemon)
ls /usr/lib/libreoffice/program/soffice.bin >/dev/null 2>&1 \
  || missing+=(libreoffice-writer-nogui libreoffice-calc-nogui libreoffice-impress-nogui)
[ ${#missing[@]} -eq 0 ] && exit 0

echo "Installing for the tests: ${missing[*]}"
if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
still=()
command -v chromium >/dev/null 2>&1 || still+=(chromium)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || still+=(postgresql)
[ ${#still[@]} -eq 0 ] && exit 0
echo "=================================================================="
echo "  NOT TESTED HERE: could not install ${still[*]}."
echo "  Run make test as root on Debian, or install them by hand."
echo "=================================================================="
[ "${CI:-}" = true ] && exit 1
exit 0

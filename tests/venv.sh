#!/usr/bin/env bash
# A folder of Python's with packages from PyPI: venv.sh FOLDER PACKAGE... Debian's python3-venv is installed where it is absent.
set -euo pipefail
folder=$1
shift
python3 -c 'import venv, ensurepip' 2>/dev/null || {
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends python3-venv >/dev/null
}
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --disable-pip-version-check "$@"

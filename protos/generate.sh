#!/usr/bin/env bash
# Write the stubs of protos/ below OUT (default: the repository), with the grpcio-tools of the environment.
set -euo pipefail
cd "$(dirname "$0")/.."
out="${1:-.}"
python="${PYTHON:-.venv/bin/python}"
PATH="$(dirname "$python"):$PATH" "$python" -m grpc_tools.protoc -I protos \
  --python_out="$out" --grpc_python_out="$out" --mypy_out="$out" --mypy_grpc_out="$out" \
  $(cd protos && find alicorn -name '*.proto' | sort)
find "$out/alicorn/api" -type d -exec sh -c '[ -f "$1/__init__.py" ] || printf "\"\"\"Generated from protos/ by make protos.\"\"\"\n" > "$1/__init__.py"' _ {} \;

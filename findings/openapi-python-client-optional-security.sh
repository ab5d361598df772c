#!/usr/bin/env bash
# openapi-python-client 0.29.1 (PyPI).
#
# "security: [{}, {bearer: []}]" says that a request may carry a token and need not (OpenAPI
# 3.0.3, Operation Object). The generated function asks for an AuthenticatedClient all the same,
# whose token cannot be left out: callers that have none pass a type check only by ignoring it.
# At run time a plain Client does.
#
# Needs python3. Exits 0 while that is so, 1 once it changes.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

python3 -m venv tool
tool/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1 mypy==2.4.1
export PATH=$dir/tool/bin:$PATH

cat >api.yaml <<'YAML'
openapi: 3.0.3
info: {title: Who is there, version: "1"}
paths:
  /who:
    get:
      operationId: who
      security: [{}, {bearer: []}]
      responses:
        "204": {description: Nobody says.}
components:
  securitySchemes:
    bearer: {type: http, scheme: bearer}
YAML
openapi-python-client --version
openapi-python-client generate --path api.yaml --meta none --output-path client >generate.log

cat >ask.py <<'PY'
from client import Client
from client.api.default import who

who.sync_detailed(client=Client("http://127.0.0.1:9"))
PY
mypy --follow-imports silent ask.py | tee out.txt || true

grep -qF 'incompatible type "Client"; expected "AuthenticatedClient"' out.txt || {
	echo 'it is otherwise now'
	exit 1
}

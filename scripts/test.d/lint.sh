# shellcheck shell=bash disable=SC2154
# Formatters and linters. Each is one check.

ruff_version=0.8.4
redocly_version=1.25.11

cpp_files() { git ls-files '*.cpp' '*.h' ':!:*.pb.h'; }

lint_format() { cpp_files | xargs clang-format-16 --dry-run -Werror; }

# Sources of the programs; tests are compiled with the same warnings but not analysed.
lint_tidy() {
  git ls-files '*.cpp' | grep -vE '_(test|fuzz)\.cpp$' | sed "s|^|$root/|" | sort >"$build/tidy.list"
  "$python" scripts/test.d/tidy.py "$build" "$(nproc)" <"$build/tidy.list"
}

lint_shell() {
  git ls-files -z scripts .ci bench docker conf | xargs -0 grep -lE '^#!.*\b(ba)?sh|shellcheck shell=' |
    xargs shellcheck -x
}

lint_python() {
  local venv=$build/venv
  if [ -x "$venv/bin/ruff" ] || { "$python" -m venv "$venv" && "$venv/bin/pip" install -q "ruff==$ruff_version"; }; then
    "$venv/bin/ruff" check --config t/pyproject.toml t bench scripts &&
      "$venv/bin/ruff" format --check --config t/pyproject.toml t bench scripts
  else
    echo 'ruff cannot be installed here: pyflakes instead'
    git ls-files '*.py' | xargs "$python" -m pyflakes
  fi
}

lint_openapi() { npx --yes "@redocly/cli@$redocly_version" lint --skip-rule=info-license-url schema/openapi.yaml; }

lint_requirements() { scripts/requirements --check; }

stage_lint() {
  check 'clang-format' lint_format
  check 'shellcheck' lint_shell
  check 'python' lint_python
  check 'docs/requirements.md' lint_requirements
  if [ -f schema/openapi.yaml ]; then check 'openapi' lint_openapi; fi
  check 'clang-tidy' lint_tidy
}

# The two commands are `make run` and `make test`; everything they need they make themselves.
# More words for the command go into ARGS:  make test ARGS=--smoke   make test ARGS="products -x"
PYTHON ?= python3
ARGS ?=

.PHONY: run test check fmt clean
run test check fmt clean:
	@command -v "$(PYTHON)" >/dev/null || { echo "Không tìm thấy $(PYTHON). Hãy cài: sudo apt-get install -y python3 python3-venv" >&2; exit 2; }
	@"$(PYTHON)" ocop_portal/laptop/bootstrap.py $@ $(ARGS)

# What one does with Parloir. Everything needed beyond Rust and Node is fetched on the way (Debian and Ubuntu; elsewhere
# each script says what is missing).

# The server's test switches, the private PostgreSQL of the vault's tests, and the app inside the program.
TEST_FEATURES := server/testing,server/embed-web,vault/testing

WEB_SOURCES := $(shell find web/src web/public web/widget web/consent -path web/widget/dist -prune -o -type f -print) $(wildcard web/*.json web/*.ts web/*.js web/index.html)

.PHONY: help run test test-long lint fmt bench web api picture needs needs-test

help: ## This list.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: needs web/dist/index.html ## Builds everything and starts the demo; prints the address to open.
	cargo run -p server --features embed-web -- demo

test: needs-test web/dist/index.html ## All tests: Rust, the web app, and a browser on the running program.
	scripts/test.sh $(TEST_FEATURES)

test-long: needs-test web/dist/index.html ## The same with many more crashes and cases. Takes hours.
	PARLOIR_DEV_KILLS=$${PARLOIR_DEV_KILLS:-2000} PARLOIR_DEV_SEEDS=$${PARLOIR_DEV_SEEDS:-20000} PARLOIR_DEV_STORMS=$${PARLOIR_DEV_STORMS:-100} PARLOIR_DEV_YEARS=$${PARLOIR_DEV_YEARS:-500} PARLOIR_DEV_MUTATIONS=$${PARLOIR_DEV_MUTATIONS:-100000} PROPTEST_CASES=$${PROPTEST_CASES:-20000} PARLOIR_DEV_BACKUPS=$${PARLOIR_DEV_BACKUPS:-5000} scripts/test.sh $(TEST_FEATURES)

# cargo-deny takes longer to build than all of Parloir, so nobody is made to install it: where it is there, it checks
# deny.toml. The edges that matter most (no database driver outside the vault, and so on) are checked by `tidy` in any case.
lint: needs web/node_modules/.package-lock.json ## Formatting, clippy, house rules, dependencies, types of the web app.
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --features server/testing,vault/testing -- -D warnings
	cargo test --quiet -p tidy
	if command -v cargo-deny >/dev/null; then cargo deny --workspace --all-features check; \
	else echo "cargo-deny is not installed: licences and advisories were not checked"; fi
	cd web && npm run --silent check

fmt: ## Formats the Rust code.
	cargo fmt --all

bench: needs ## Measures; the numbers are printed, not judged. `make bench FIGURES="live --pairs 3"` measures a part.
	cargo bench -p server --bench figures -- $(FIGURES)

web: web/dist/index.html ## The members' app, into web/dist.

web/node_modules/.package-lock.json: web/package.json web/package-lock.json
	scripts/node.sh
	cd web && npm ci --no-audit --no-fund
	touch $@

web/dist/index.html: web/node_modules/.package-lock.json $(WEB_SOURCES)
	cd web && npm run --silent build

api: web/node_modules/.package-lock.json ## The API's description and the web app's types, anew; `make test` compares them.
	cargo run --quiet -p server --features testing -- openapi > web/openapi.json.new
	mv web/openapi.json.new web/openapi.json
	cd web && npm run --silent api

picture: needs needs-test web/dist/index.html ## docs/picture.png: the app as it is, on the demo.
	cargo build -p server --features embed-web
	scripts/with-demo.sh scripts/picture.sh docs/picture.png

needs:
	@scripts/cc.sh
	@scripts/node.sh

needs-test: needs
	@scripts/postgres.sh
	@scripts/chromium.sh
	@scripts/outside.sh
	@scripts/mail.sh

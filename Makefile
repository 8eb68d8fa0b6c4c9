# Two commands: `make demo` and `make test`. Each does all its own set-up and is safe to repeat.
.PHONY: demo test check cross package deny sbom figures scale busy api pictures bench reconnects backlog fleet faults soak mutants fuzz clean

# Builds and runs the whole product on a desk; the first line is the page's address.
demo:
	@scripts/setup.sh build
	@cargo build --locked -p davy
	@cargo run --locked --quiet -p davy -- demo $(ARGS)

# Formatting, lints and every test.
test:
	@scripts/test.sh

# What is fast: formatting, lints, types. No end-to-end tests.
check:
	@scripts/setup.sh build
	cargo fmt --all --check
	cargo clippy --locked --workspace --all-targets -- -D warnings
	npm --prefix web-ui run --silent check

# The appliance for every gateway; the tests of engine, store and connectors and the whole story as ARM binaries under QEMU.
cross:
	@scripts/setup.sh test
	cargo xtask build
	cargo xtask emulate
	cargo xtask smoke

# The Debian packages of every binary that `cargo xtask build` has made, or of a release build for this machine; each is looked into, and
# that of this machine is installed, updated, taken back and removed in a bare Debian.
package:
	@scripts/setup.sh test
	@scripts/package.sh

# Licences, sources, banned crates and known weaknesses of every dependency; DAVY_ADVISORIES=required fails where the
# advisories cannot be had, instead of saying so.
deny:
	@scripts/setup.sh build
	@scripts/deny.sh

# What is in the appliance's binary, as CycloneDX, for each target: target/dist/TRIPLE/davy.cdx.json.
sbom:
	@scripts/setup.sh build
	cargo xtask sbom

# The end-to-end figures against the release build.
figures:
	@scripts/setup.sh test
	cargo build --locked --release -p davy
	DAVY_BIN=$(CURDIR)/target/release/davy cargo test --locked -p acceptance --test e2e_figures --test e2e_crossings -- --nocapture --test-threads 1
	cargo xtask size

# How much one gateway carries: very many values over OPC UA and Modbus, against the release build. All cases, or those of
# DAVY_SCALE, such as opcua-100000,modbus-100000.
scale:
	@scripts/setup.sh test
	cargo build --locked --release -p davy
	DAVY_SCALE=$${DAVY_SCALE:-all} DAVY_BIN=$(CURDIR)/target/release/davy cargo test --locked --workspace --test e2e_scale -- --nocapture --test-threads 1

# The page with a thousand alarms: frames and memory while fifty change a second, and how soon one is seen, against the release build.
busy:
	@scripts/setup.sh test
	npm --prefix web-ui run --silent bench
	cargo build --locked --release -p davy
	DAVY_BUSY_ALARMS=$${DAVY_BUSY_ALARMS:-1000} DAVY_BIN=$(CURDIR)/target/release/davy cargo test --locked --workspace --test e2e_page busy -- --nocapture

# The API for longer than a test run: requests made up from its document for twenty minutes, two hundred who listen for ten, reads a second.
api:
	@scripts/setup.sh test
	cargo build --locked --release -p davy
	DAVY_API_SECONDS=$${DAVY_API_SECONDS:-960} DAVY_STREAM_SECONDS=$${DAVY_STREAM_SECONDS:-600} DAVY_READ_SECONDS=$${DAVY_READ_SECONDS:-10} \
		DAVY_BIN=$(CURDIR)/target/release/davy cargo test --locked --workspace --test e2e_api -- --nocapture --test-threads 1

# The pictures of README and handbook, from the real gateway with the simulated plant.
pictures:
	@scripts/setup.sh test
	cargo build --locked -p davy
	@scripts/pictures.sh

# How fast the engine is, on one core, and what it allocates; what journal and history cost on the disk.
bench:
	cargo bench --locked -p davy-core --bench apply
	cargo bench --locked -p davy-store --bench store
	cargo bench --locked -p davy-uplink --bench drain
	cargo test --locked --release -p davy-core --test allocations -- --nocapture --test-threads 1

# A thousand cuts for each kind of connection: nothing may grow, memory included.
reconnects:
	@scripts/setup.sh test
	DAVY_RECONNECTS=$${DAVY_RECONNECTS:-1000} cargo test --locked --workspace --test field nothing_grows -- --nocapture --test-threads 1

# Three days without the enterprise at five events a second, and then as fast as the link takes them, against the release build.
backlog:
	@scripts/setup.sh test
	cargo build --locked --release -p davy
	DAVY_BACKLOG=$${DAVY_BACKLOG:-1296000} DAVY_BACKFILL=$${DAVY_BACKFILL:-100000} DAVY_BIN=$(CURDIR)/target/release/davy \
		cargo test --locked --workspace --test e2e_backlog -- --nocapture

# A thousand gateways into one Mosquitto with a group of the reference consumer behind it, and a bare subscriber to compare: the
# senders are those of the release build.
fleet:
	@scripts/setup.sh test
	cargo build --locked --release -p davy
	ulimit -n $$(ulimit -Hn); DAVY_BIN=$(CURDIR)/target/release/davy DAVY_FLEET=$${DAVY_FLEET:-1000} DAVY_FLEET_SECONDS=$${DAVY_FLEET_SECONDS:-30} \
		DAVY_FLEET_BACKLOG=$${DAVY_FLEET_BACKLOG:-100} DAVY_FLEET_GROUPS=$${DAVY_FLEET_GROUPS:-0,1,2,4} \
		cargo test --locked --release --workspace --test e2e_fleet -- --nocapture --test-threads 1

# SIGKILL and power cuts, many more than `make test` has.
faults:
	@scripts/setup.sh test
	DAVY_KILLS=$${DAVY_KILLS:-300} cargo test --locked --workspace --test e2e_kills -- --nocapture
	DAVY_CUTS=$${DAVY_CUTS:-3200} cargo test --locked --workspace --test power_cut -- --nocapture

# The simulation for DAVY_SOAK_MINUTES (60 if not set), with seeds that nobody has played; a seed that fails is printed.
soak:
	DAVY_SOAK_MINUTES=$${DAVY_SOAK_MINUTES:-60} cargo test --locked --workspace --test long_simulation -- --nocapture

# Changes of the code of alarms, measures, warnings and tasks that no story and no scenario notices: hours, one change at a time.
mutants:
	@command -v cargo-mutants >/dev/null || cargo install --locked cargo-mutants
	cargo mutants --package davy-core $(ARGS)

# What comes from outside, made up by libFuzzer, DAVY_FUZZ_SECONDS (60 if not set) for each target; goes on from what it kept.
fuzz:
	@scripts/setup.sh test
	@scripts/fuzz.sh $${DAVY_FUZZ_SECONDS:-60} fuzz/corpus

clean:
	cargo clean
	rm -rf web-ui/dist web-ui/node_modules .venv

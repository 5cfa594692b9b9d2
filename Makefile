# Sendjay. `make` prints the targets.

SHELL   := /bin/bash
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X sendjay/shared/protocol.Version=$(VERSION) -X 'sendjay/desktop/update.Key=$(UPDATE_KEY)'
ALIAS   := $(CURDIR)/packaging/linux/pkgconfig
WEBSRC  := $(shell find webui/src webui/index.html webui/package.json webui/vite.config.ts shared/locale -type f 2>/dev/null)
export PKG_CONFIG_PATH := $(ALIAS):$(PKG_CONFIG_PATH)
export CGO_CXXFLAGS += -O2

.DEFAULT_GOAL := help
.PHONY: help run test check generate bench soak fmt build build-windows msi clean need need-test

help: ## print the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1|/' | awk -F'|' '{printf "  %-14s %s\n", $$1, $$2}'

run: build ## build, start the server with a made-up company, open tray and window
	@packaging/linux/run.sh

build: need webui/dist/index.html ## build the three programs into bin/
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/sendjay-server ./server
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/sendjay ./desktop/tray
	CGO_ENABLED=1 go build -trimpath -ldflags '$(LDFLAGS)' -o bin/sendjay-window ./desktop/window

build-windows: webui/dist/index.html ## cross-compile for Windows into bin/windows/
	@packaging/linux/need.sh windows
	CGO_ENABLED=0 GOOS=windows go build -trimpath -ldflags '$(LDFLAGS)' -o bin/windows/sendjay-server.exe ./server
	CGO_ENABLED=0 GOOS=windows go build -trimpath -ldflags '$(LDFLAGS) -H windowsgui' -o bin/windows/sendjay.exe ./desktop/tray
	CGO_ENABLED=1 GOOS=windows CC=x86_64-w64-mingw32-gcc CXX=x86_64-w64-mingw32-g++ CGO_CXXFLAGS="-O2 -DWEBVIEW_MSWEBVIEW2_BUILTIN_IMPL=0 -I$(CURDIR)/packaging/windows/include" \
		go build -trimpath -ldflags '$(LDFLAGS) -H windowsgui' -o bin/windows/sendjay-window.exe ./desktop/window

msi: build-windows ## make the package for Windows, build/sendjay-VERSION-x64.msi
	@packaging/linux/need.sh msi
	packaging/windows/msi.sh '$(VERSION)' bin/windows 'build/sendjay-$(VERSION)-x64.msi'

webui/node_modules/.package-lock.json: webui/package.json webui/package-lock.json
	@# not "npm ci": it wants every platform's optional packages in the lock, also those a registry lacks
	cd webui && npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

webui/dist/index.html: webui/node_modules/.package-lock.json $(WEBSRC)
	cd webui && npm run --silent build
	@touch $@

need: ## install the system packages that building needs
	@packaging/linux/need.sh build

need-test: need
	@packaging/linux/need.sh test

check: need webui/dist/index.html ## vet, gofumpt, staticcheck, golangci-lint, tsc, Biome, generated files
	go vet ./...
	@test -z "$$(go tool gofumpt -l desktop server shared webui/*.go)" || { echo "gofumpt would change:"; go tool gofumpt -l desktop server shared webui/*.go; exit 1; }
	go tool staticcheck ./...
	cd packaging/lint && go build -o $(CURDIR)/build/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	build/golangci-lint run ./...
	cd webui && npm run --silent check
	@packaging/lint/generated.sh

test: need-test build check ## everything that CI runs: checks, Go with the race detector, TypeScript, real browser, real desktop
	cd webui && npm test --silent
	@# The race detector leaves out the C that was translated to Go, which is not ours and ran ten times as long; and that
	@# alone: the linker takes one copy of a generic function, and one that is not watched hides what orders ours.
	go test -race -gcflags='modernc.org/...=-d=checkptr=0' -gcflags='modernc.org/sqlite/lib=-race=false -d=checkptr=0' -timeout 20m ./...
	cd webui && npm run --silent e2e

generate: ## write the TypeScript, the reference page and the frames from shared/, the policy templates from desktop/policy
	go generate ./shared/... ./desktop/policy/...

bench: build ## print our figures in the form of a table, with ratios to the targets
	go run ./server/bench -server bin/sendjay-server
	cd webui && npm run --silent bench
	go test ./desktop/tray -run '^$$' -bench 'TheRestingTray|WindowOpens' -benchtime 1x

soak: build ## let tray and server live through what days bring, FOR=1h long, and see whether they grow
	go test ./desktop/tray -run '^$$' -bench Soak -benchtime 1x -timeout 0 -args -soak $(or $(FOR),1h)

fmt: ## format Go and TypeScript
	go tool gofumpt -w desktop server shared webui/*.go
	cd webui && npm run --silent fmt

clean: ## remove what was built
	rm -rf bin build webui/node_modules
	find webui/dist -mindepth 1 ! -name .gitkeep -delete

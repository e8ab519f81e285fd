#!/bin/sh
# Builds the webhook in Go that ours is measured beside: build.sh [FILE].
set -eu

destination=$(realpath -m "${1:-bin/go-webhook}")
cd "$(dirname "$0")"
mkdir -p "$(dirname "$destination")"
# One package at a time: the largest ones need much memory to compile.
go build -p 1 -o "$destination" .

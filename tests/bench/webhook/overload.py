"""Overload and drain, as tests/bench/webhook/overload.sh says. Exit status 1 where an admission was lost that must not be."""

import argparse
import json
import os
import signal
import subprocess
import sys
import threading
import time

from measure import get, memory, wait_until_serving


class Replica:
    """A webhook on ports of its own."""

    def __init__(self, args, number, core):
        self.name, self.port, self.ops = f"replica {number}", 19500 + number, 19600 + number
        self.command = [
            "taskset", "-c", str(core), args.webhook, "serve", "--listen", f"127.0.0.1:{self.port}",
            "--ops-listen", f"127.0.0.1:{self.ops}", "--tls-dir", args.tls, *args.webhook_flags.split(),
        ]
        self.process = None

    def start(self):
        log = open(f"{os.environ.get('LOGS', '/tmp')}/webhook-{self.port}.log", "w")
        self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        while get(f"http://127.0.0.1:{self.ops}/readyz")[0] != 200:
            if self.process.poll() is not None:
                sys.exit(f"{self.name} ended: {' '.join(self.command)}")
            time.sleep(0.01)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait()

    def counter(self, name):
        return sum(
            float(line.rsplit(" ", 1)[1])
            for line in get(f"http://127.0.0.1:{self.ops}/metrics")[1].splitlines()
            if line.startswith(name)
        )


def generator(args, port, *more):
    command = [
        "taskset", "-c", "1", f"{args.bin}/review-load", "--address", f"127.0.0.1:{port}", "--ca", f"{args.tls}/ca.crt",
        *map(str, more),
    ]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def finish(process):
    out, _ = process.communicate()
    return json.loads(out)


def watch(replica, peaks, stop):
    while not stop.is_set():
        peaks.append(memory(replica.process.pid))
        time.sleep(0.05)


def tell(what, report, extra=""):
    latency = report["latencyMicroseconds"]
    print(
        f"{what}: {report['reviews']:,} admissions in {report['seconds']:.1f} s, {report['reviewsPerSecond']:,.0f}/s decided; "
        f"p50 {latency['p50'] / 1000:.1f} ms, p99 {latency['p99'] / 1000:.1f} ms; retried {report['retriedReviews']:,} "
        f"({report['retries'] or 'no status'}); not decided {report['failures']:,} {report['failed'] or ''}{extra}"
    )
    for failure in report["firstFailures"][:3]:
        print(f"    {failure}")


def overload(args):
    """Four times what one core answers, first as many callers as wait for each other, then a rate that waits for nobody."""
    replica = Replica(args, 0, 0)
    replica.start()
    wait_until_serving(replica)
    before = replica.process.pid, memory(replica.process.pid)
    finish(generator(args, replica.port, "--seconds", 1))
    capacity = finish(generator(args, replica.port, "--seconds", args.seconds))
    tell("capacity, 16 at once", capacity)
    per_second = capacity["reviewsPerSecond"]
    peaks, stop = [], threading.Event()
    watcher = threading.Thread(target=watch, args=(replica, peaks, stop))
    watcher.start()
    shed = replica.counter("daemonset_webhook_shed_total")
    reports = []
    # The in-flight limit is what is to be exceeded by four times; a caller is a connection.
    for callers in (4 * 16, args.callers):
        report = finish(generator(args, replica.port, "--seconds", args.seconds, "--at-once", callers))
        tell(f"closed loop, {callers:,} at once", report)
        reports.append(report)
    rate = int(4 * per_second)
    # kube-apiserver has at most 600 requests in flight and turns away what comes beyond: that never becomes an admission.
    report = finish(
        generator(args, replica.port, "--seconds", args.seconds, "--rate", rate, "--turn-away-beyond", 600, "--connections", 600, "--idle", 600)
    )
    tell(f"open loop, {rate:,}/s, at most 600 at once", report, f"; turned away before they began {report['turnedAway']:,}")
    reports.append(report)
    stop.set()
    watcher.join()
    shed = replica.counter("daemonset_webhook_shed_total") - shed
    after = finish(generator(args, replica.port, "--seconds", 2))
    tell("afterwards, 16 at once", after)
    print(
        f"resident memory: {before[1]:.1f} MiB before, {max(peaks):.1f} MiB at most, {memory(replica.process.pid):.1f} MiB after; "
        f"shed {shed:,.0f}; panics {replica.counter('daemonset_webhook_panics_total'):.0f}; "
        f"the process is {'the same' if replica.process.poll() is None else 'GONE'}"
    )
    alive = replica.process.poll() is None
    replica.stop()
    return alive and after["failures"] == 0 and sum(report["failures"] for report in reports) == 0


def drain(args):
    """Two replicas behind a Service; one ends under load and comes back, then the other."""
    replicas = [Replica(args, number, 0) for number in (1, 2)]
    for replica in replicas:
        replica.start()
        wait_until_serving(replica)
    service = subprocess.Popen(
        [
            f"{args.bin}/service-stand-in", "--listen", "127.0.0.1:19700",
            *[
                text
                for replica in replicas
                for text in ("--backend", f"https=127.0.0.1:{replica.port},ready=http://127.0.0.1:{replica.ops}/readyz")
            ],
        ],
        stderr=subprocess.DEVNULL,
    )
    time.sleep(0.5)
    good = True
    try:
        for http in (1, 2):
            seconds = 4 * args.grace / 1.0 + 8
            load = generator(
                args, 19700, "--rate", args.rate, "--seconds", seconds, "--http", http,
                *(["--reviews-per-connection", 200] if args.churn and http == 1 else []),
            )
            time.sleep(2)
            for replica in replicas:
                began = time.monotonic()
                replica.process.send_signal(signal.SIGTERM)
                status = replica.process.wait()
                print(f"  {replica.name} ended after {time.monotonic() - began:.1f} s with status {status}")
                good &= status == 0
                replica.start()
                time.sleep(1.5)
            report = finish(load)
            tell(f"SIGTERM to each of two replicas at {args.rate:,}/s, HTTP/{http}", report)
            good &= report["failures"] == 0
    finally:
        service.terminate()
        service.wait()
        for replica in replicas:
            replica.stop()
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--webhook", required=True)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--tls", required=True)
    parser.add_argument("--webhook-flags", default="--cache off")
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--callers", type=int, default=900)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--grace", type=float, default=6, help="about how long a replica takes to end, in seconds")
    parser.add_argument("--churn", action="store_true", help="leave each connection after 200 reviews")
    parser.add_argument("modes", nargs="*", default=[])
    args = parser.parse_args()
    modes = {"overload": overload, "drain": drain}
    results = [modes[mode](args) for mode in args.modes or modes]
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()

"""Starts the servers on the first core and the load on the second, takes turns, and prints tables. See tests/bench/webhook.sh."""

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")
OPS = 19080


def cpu_seconds(pid):
    """User and system time of a process, in seconds."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(pid, key="VmRSS"):
    """A figure of /proc/PID/status, in MiB."""
    with open(f"/proc/{pid}/status") as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1]) / 1024
    return 0.0


def get(url):
    """Status and body of a GET; (0, "") where nobody listens."""
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


class Server:
    """A server that is pinned to the first core."""

    def __init__(self, name, port, command):
        self.name, self.port, self.command, self.process = name, port, command, None

    def start(self):
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *self.command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()

    @property
    def pid(self):
        return self.process.pid


def load(args, server, seconds, *more):
    """One run of the generator on the second core."""
    command = [
        "taskset", "-c", "1", args.load, "--address", f"127.0.0.1:{server.port}", "--ca", f"{args.tls}/ca.crt",
        "--seconds", str(seconds), *map(str, more), *args.client,
    ]
    before, began = cpu_seconds(server.pid), time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    took, used = time.monotonic() - began, cpu_seconds(server.pid) - before
    report = json.loads(done.stdout)
    report["cpuMicroseconds"] = used / max(report["reviews"], 1) * 1e6
    report["busy"] = used / took
    if report["failures"]:
        print(f"  {server.name}: failures {report['failed']}", file=sys.stderr)
    return report


def wait_until_serving(server):
    import socket

    for _ in range(500):
        try:
            socket.create_connection(("127.0.0.1", server.port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    sys.exit(f"{server.name} does not listen on {server.port}")


def throughput(args, servers, http, *more):
    """All servers in turn, round after round: what each did on the whole of one core."""
    runs = {server.name: [] for server in servers}
    # A generator that sleeps makes the slower server pay for waking it up at each answer, and the faster one not.
    how = ("--http", http, "--at-once", args.at_once, "--spin", *more)
    for server in servers:
        load(args, server, 1, *how)
    for number in range(args.rounds):
        for server in servers if number % 2 == 0 else reversed(servers):
            runs[server.name].append(load(args, server, args.seconds, *how))
    return runs


def table(title, rows, head):
    print(f"\n{title}\n")
    print("| " + " | ".join(head) + " |")
    print("|" + "---|" * len(head))
    for row in rows:
        print("| " + " | ".join(row) + " |")


def median(runs, key):
    return statistics.median(key(run) for run in runs)


def print_throughput(runs, http, specs):
    constant = runs.get("constant")
    rows = []
    for name, done in runs.items():
        per_cpu = [run["reviews"] / max(run["cpuMicroseconds"] * run["reviews"] / 1e6, 1e-9) for run in done]
        row = [
            name,
            f"{median(done, lambda run: run['reviewsPerSecond']):,.0f}",
            f"{median(done, lambda run: run['busy']) * 100:.0f} %",
            f"{statistics.median(per_cpu):,.0f}",
            f"{median(done, lambda run: run['cpuMicroseconds']):.1f}",
        ]
        if constant:
            above = [run["cpuMicroseconds"] - other["cpuMicroseconds"] for run, other in zip(done, constant)]
            ratio = [run["reviewsPerSecond"] / other["reviewsPerSecond"] for run, other in zip(done, constant)]
            share = [other["cpuMicroseconds"] / run["cpuMicroseconds"] for run, other in zip(done, constant)]
            row += [f"{statistics.median(above):.1f}", f"{statistics.median(ratio) * 100:.0f} %", f"{statistics.median(share) * 100:.0f} %"]
        row.append(str(sum(run["failures"] for run in done)))
        rows.append(row)
    head = ["server", "reviews/s", "core busy", "reviews a CPU second", "CPU µs a review"]
    if constant:
        head += ["µs above constant", "throughput of constant", "per CPU of constant"]
    head.append("failed")
    body = next(iter(runs.values()))[0]["bodyBytes"]
    table(f"Closed loop, HTTP/{'1.1' if http == 1 else http}, reviews of {body} bytes, {specs}", rows, head)


def buckets(text, name):
    """Cumulative counts of a histogram by upper bound, all labels together."""
    found = {}
    for line in text.splitlines():
        match = re.match(rf"{name}_bucket\{{(.*)\}} ([0-9.e+]+)", line)
        if match:
            bound = re.search(r'le="([^"]+)"', match[1])[1]
            bound = float("inf") if bound in ("+Inf", "inf") else float(bound)
            found[bound] = found.get(bound, 0) + float(match[2])
    return found


def quantile(before, after, share):
    """The quantile in seconds, straight between the bounds as Prometheus reckons it."""
    counts = [(bound, after[bound] - before.get(bound, 0)) for bound in sorted(after)]
    total = counts[-1][1] if counts else 0
    below, lower = 0, 0.0
    for bound, count in counts:
        if count >= share * total and count > below:
            if bound == float("inf"):
                return lower
            return lower + (bound - lower) * (share * total - below) / (count - below)
        below, lower = count, bound
    return 0.0


def steady(args, servers):
    """The open loop at a steady rate."""
    rows = []
    for server in servers:
        name = "daemonset_webhook_review_duration_seconds"
        metrics = f"http://127.0.0.1:{OPS}/metrics"
        load(args, server, 1, "--rate", 1000, "--connections", 32, "--idle", 32)
        before = buckets(get(metrics)[1], name) if server.name == "webhook" else {}
        # Few connections, all kept: how fast a client that cannot keep up dials new ones is not the question here.
        run = load(args, server, args.seconds, "--rate", args.rate, "--connections", 32, "--idle", 32)
        row = [server.name, f"{run['reviewsPerSecond']:,.0f}", f"{run['busy'] * 100:.0f} %"]
        if server.name == "webhook":
            after = buckets(get(metrics)[1], name)
            inside = [quantile(before, after, share) * 1e6 for share in (0.5, 0.99)]
            row += [f"{inside[0]:.0f}", f"{inside[1]:.0f}"]
        else:
            row += ["", ""]
        for key in ("latencyMicroseconds", "lateMicroseconds"):
            row += [f"{run[key]['p50']:,.0f}", f"{run[key]['p99']:,.0f}"]
        row += [str(run["connectionsOpened"]), str(run["failures"])]
        rows.append(row)
    head = [
        "server", "reviews/s", "core busy", "p50 in server (µs)", "p99 in server", "p50 from the intended moment",
        "p99", "of it, the generator's own lateness: p50", "p99", "connections", "failed",
    ]
    table(f"Open loop, {args.rate:,} reviews/s, HTTP/1.1", rows, head)


def ready(server, times):
    """Milliseconds from exec to the first 200 of /readyz, and to the first accepted connection where there is no such thing."""
    took = []
    for _ in range(times):
        began = time.monotonic()
        server.start()
        while time.monotonic() - began < 5:
            if get(f"http://127.0.0.1:{OPS}/readyz")[0] == 200:
                break
            time.sleep(0.001)
        took.append((time.monotonic() - began) * 1000)
        server.stop()
    return took


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--load", required=True)
    parser.add_argument("--tls", required=True)
    parser.add_argument("--constant")
    parser.add_argument("--webhook")
    parser.add_argument("--webhook-flags", default="--cache off")
    parser.add_argument("--mutual", help="a folder with ca.crt, client.crt and client.key: the webhook asks for this client")
    parser.add_argument("--go")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--at-once", type=int, default=16)
    parser.add_argument("--rate", type=int, default=5000)
    parser.add_argument("--http", default="1,2")
    args = parser.parse_args()
    args.client = []
    if args.mutual:
        args.client = ["--client-cert", f"{args.mutual}/client.crt", "--client-key", f"{args.mutual}/client.key"]
        args.webhook_flags += f" --client-ca {args.mutual}/ca.crt"

    servers = []
    if args.constant:
        servers.append(
            Server("constant", 19443, [args.constant, "--listen", "127.0.0.1:19443", "--tls-dir", args.tls])
        )
    if args.webhook:
        flags = ["serve", "--listen", "127.0.0.1:19444", "--ops-listen", f"127.0.0.1:{OPS}", "--tls-dir", args.tls]
        servers.append(Server("webhook", 19444, [args.webhook, *flags, *args.webhook_flags.split()]))
    if args.go:
        servers.append(Server("go", 19445, [args.go, "-port", "19445", "-tls-dir", args.tls]))

    for server in servers:
        if server.name == "webhook":
            took = ready(server, 20)
            print(
                f"Ready after exec (of {len(took)}): median {statistics.median(took):.1f} ms, worst {max(took):.1f} ms"
            )
    try:
        for server in servers:
            server.start()
            wait_until_serving(server)
        idle = {server.name: memory(server.pid) for server in servers}
        for http in map(int, args.http.split(",")):
            print_throughput(throughput(args, servers, http), http, "of two DaemonSets again and again")
            print_throughput(throughput(args, servers, http, "--fresh-specs"), http, "each spec another")
        steady(args, servers)
        rows = [
            [server.name, f"{idle[server.name]:.1f}", f"{memory(server.pid):.1f}", f"{memory(server.pid, 'VmHWM'):.1f}"]
            for server in servers
        ]
        table("Resident memory (MiB)", rows, ["server", "before", "after the load", "peak"])
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main()

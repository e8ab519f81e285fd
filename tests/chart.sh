#!/usr/bin/env bash
# The Helm chart by helm itself: lint, the same text twice, every variant of the values, wrong values refused, the plain manifests up to
# date (UPDATE=1 writes them again), then install, upgrade and uninstall in a real API server of each minor. Needs Go, which builds helm
# where HELM does not name one, and the control plane.
set -euo pipefail
cd "$(dirname "$0")/.."
chart=charts/daemonset-webhook
plain=charts/plain/daemonset-webhook.yaml
export HELM="${HELM:-$PWD/target/bin/helm}"
[ -x "$HELM" ] || tests/controlplane/helm.sh

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# A folder of its own, so nothing of this machine's helm or cluster counts.
export HELM_CACHE_HOME="$work/cache" HELM_CONFIG_HOME="$work/config" HELM_DATA_HOME="$work/data" KUBECONFIG=/dev/null

fail() { printf 'FAILED: %s\n' "$*" >&2; exit 1; }
# helm built by `go install` does not know its Kubernetes version.
render() { "$HELM" template daemonset-webhook "$chart" --namespace daemonset-webhook --kube-version 1.37.0 "$@"; }

"$HELM" lint --strict --quiet "$chart" || fail "helm lint"

# Each variant renders, renders the same twice, and says what it is for.
variants=0
variant() {
  local wanted=$1
  shift
  render "$@" >"$work/one" 2>"$work/error" || fail "$*: $(cat "$work/error")"
  render "$@" | cmp - "$work/one" || fail "$*: renders another text the second time"
  grep -Eq -- "$wanted" "$work/one" || fail "$*: nothing says $wanted"
  variants=$((variants + 1))
}
without() {
  local unwanted=$1
  shift
  render "$@" >"$work/one" || fail "$*"
  ! grep -En -- "$unwanted" "$work/one" || fail "$*: should not say $unwanted"
  variants=$((variants + 1))
}
variant 'failurePolicy: Ignore'
variant 'failurePolicy: Fail' --set webhook.failurePolicy=Fail
variant '"lands-nowhere": "deny"' --set config.levels.lands-nowhere=deny
variant '"lands-nowhere": "off"' --set config.levels.lands-nowhere=false
variant 'values: \["a","b","daemonset-webhook","kube-system"\]' --set 'webhook.exemptNamespaces={b,a,kube-system}'
variant 'values: \["kube-system"\]' --namespace kube-system
variant 'key: tier' --set 'webhook.namespaceSelector[0].key=tier,webhook.namespaceSelector[0].operator=Exists'
variant 'name: mine' --set-string 'webhook.matchConditions[0].name=mine,webhook.matchConditions[0].expression=true'
variant 'resources: .* pods\]' --set cache=pods
variant 'resources: \[limitranges, resourcequotas, serviceaccounts\]'
variant '--admission=limitranges,resourcequotas,serviceaccounts$'
variant 'resources: \[limitranges, serviceaccounts\]' --set admission.resourceQuotas=false
without 'resourcequotas' --set admission.resourceQuotas=false
without 'serviceaccounts' --set admission.serviceAccounts=false
without 'limitranges' --set admission.limitRanges=false
variant '--admission=none' --set admission.limitRanges=false,admission.resourceQuotas=false,admission.serviceAccounts=false
variant '--admission=none' --set-string cache=off
without 'limitranges|resourcequotas|serviceaccounts' --set-string cache=off
variant '"enforce": "baseline"' --set config.podSecurity.defaults.enforce=baseline
variant 'cache=off' --set-string cache=off
variant 'cache=off' --set cache=false
without 'list, watch' --set-string cache=off
without 'kind: ClusterRole' --set-string cache=off,certificates.mode=certManager
without 'automountServiceAccountToken: true' --skip-tests \
  --set-string cache=off,certificates.mode=certManager,config.kubernetesVersion=1.37
variant 'cert-manager.io/inject-ca-from: daemonset-webhook/daemonset-webhook' --set certificates.mode=certManager
variant 'kind: ClusterIssuer' --set certificates.mode=certManager,certificates.certManager.issuerRef.name=mine \
  --set certificates.certManager.issuerRef.kind=ClusterIssuer
without 'kind: Issuer$' --set certificates.mode=certManager,certificates.certManager.issuerRef.name=mine
for mode in managed certManager; do
  without 'caBundle:' --set certificates.mode=$mode
done
without 'tls-secret|webhook-configuration|kind: (Secret|Lease)$' --set certificates.mode=certManager
printf -- '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n' >"$work/ca.crt"
variant "caBundle: $(base64 -w0 "$work/ca.crt")\$" --set certificates.mode=existingSecret,certificates.existingSecret.name=mine \
  --set-file certificates.existingSecret.caBundle="$work/ca.crt"
variant 'secretName: mine' --set certificates.mode=existingSecret,certificates.existingSecret.name=mine
variant '--ca-lifetime=10m' --set certificates.managed.caLifetime=10m
variant 'image: "registry.example/webhook@sha256:0{64}"' \
  --set image.repository=registry.example/webhook,image.digest=sha256:"$(printf '0%.0s' {1..64})"
variant 'terminationGracePeriodSeconds: 75' --set server.drainDelaySeconds=10,server.drainTimeoutSeconds=60
variant '--listen=\[::\]:8443' --set 'server.address=[::]'
variant '--self-test-namespace=tests' --set selfTest.namespace=tests
variant '--otlp-endpoint=http://collector:4318' --set server.otlpEndpoint=http://collector:4318
variant 'kind: HorizontalPodAutoscaler' --set autoscaling.enabled=true
without '^  replicas:' --set autoscaling.enabled=true
without 'kind: PodDisruptionBudget' --set podDisruptionBudget.enabled=false
variant 'maxUnavailable: 50%' --set podDisruptionBudget.maxUnavailable=50%
without 'runAsUser|fsGroup' --set podSecurityContext.runAsUser=null,podSecurityContext.fsGroup=null
variant 'hostNetwork: true' --set hostNetwork=true
variant 'priorityClassName: system-cluster-critical' --set priorityClassName=system-cluster-critical
variant 'maxUnavailable: 34%' --set replicas=3,podDisruptionBudget.maxUnavailable=34%
# Two replicas on the host network cannot share a node, so a rollout must not wait for room beside the old one.
variant 'rollingUpdate: .maxUnavailable: 1, maxSurge: 0.' --set hostNetwork=true
without 'maxSurge: 1' --set hostNetwork=true
without 'kind: NetworkPolicy' --set hostNetwork=true
without 'kind: NetworkPolicy' --set networkPolicy.enabled=false
variant 'kubernetes.io/arch: amd64'
variant 'kubernetes.io/os: linux'
variant '^ +- arm64' --set 'image.architectures={amd64,arm64}'
# Each term of the affinity, because terms are alternatives.
[ "$(render --skip-tests --set 'image.architectures={amd64,arm64}' --set-json "affinity=$(cat <<'JSON'
{"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[
  {"matchExpressions":[{"key":"a","operator":"Exists"}]},{"matchFields":[{"key":"metadata.name","operator":"In","values":["b"]}]}]}}}
JSON
)" | grep -c 'key: kubernetes.io/arch')" = 2 ] || fail "an affinity of the user's loses the architectures"
# The OTLP collector speaks TLS with a certificate of a CA that is in a ConfigMap.
https_otlp=(--set server.otlpEndpoint=https://collector.observability:4318 --set-json
  'extraVolumes=[{"name":"cas","configMap":{"name":"collector-ca"}}]' --set-json
  'extraVolumeMounts=[{"name":"cas","mountPath":"/etc/cas","readOnly":true}]' --set-json
  'extraEnv=[{"name":"SSL_CERT_FILE","value":"/etc/cas/ca.crt"}]')
variant 'value: /etc/cas/ca.crt' "${https_otlp[@]}"
variant 'mountPath: /etc/cas$' "${https_otlp[@]}"
variant 'name: collector-ca$' "${https_otlp[@]}"
variant '^ +- --kubeconfig=/etc/cluster/kubeconfig' --set 'extraArgs={--kubeconfig=/etc/cluster/kubeconfig}'
variant 'log-level=info,kube_client=debug' --set 'server.logLevel=info\,kube_client=debug'
variant 'kind: ValidatingAdmissionPolicyBinding'
variant '^ +- --client-ca=/etc/daemonset-webhook/client-ca/ca.crt$' --set clientCA.configMap=api-servers
variant 'configMap: .name: api-servers' --set clientCA.configMap=api-servers
variant 'secretName: api-servers,.*key: tls-ca.pem, path: tls-ca.pem' --set clientCA.secret=api-servers,clientCA.key=tls-ca.pem
variant '^ +- "--client-cn=b"' --set clientCA.configMap=api-servers,clientCA.names='{a,b}'
without 'client-c' # By default every client is served.
variant '^ +- --ops-tls$' --set server.opsTLS=true
variant 'path: /healthz, port: ops, scheme: HTTPS' --set server.opsTLS=true
variant 'path: /readyz, port: ops, scheme: HTTPS' --set server.opsTLS=true
without 'HTTPS'
variant 'scheme: https' --set server.opsTLS=true,serviceMonitor.enabled=true
variant 'insecureSkipVerify: true' --set server.opsTLS=true,serviceMonitor.enabled=true,serviceMonitor.tlsConfig.insecureSkipVerify=true
without 'bearerTokenFile' --set server.opsTLS=true,serviceMonitor.enabled=true
variant 'bearerTokenFile' --set server.opsTLS=true,serviceMonitor.enabled=true,server.metricsAuth=token
variant 'resources: .tokenreviews.' --set server.opsTLS=true,server.metricsAuth=token
variant 'automountServiceAccountToken: true' --skip-tests --set server.opsTLS=true,server.metricsAuth=token \
  --set-string cache=off,certificates.mode=certManager,config.kubernetesVersion=1.37
without 'tokenreviews' --set server.opsTLS=true
without 'ValidatingAdmissionPolicy' --set certificates.managed.limitPatch=false
without 'ValidatingAdmissionPolicy' --set certificates.mode=certManager
variant 'kind: ServiceMonitor' --set serviceMonitor.enabled=true
variant 'kind: PrometheusRule' --set prometheusRule.enabled=true
without 'SelfProbe' --set prometheusRule.enabled=true
variant 'apiserver_admission_webhook_fail_open_count.name="daemonset-webhook.daemonset-webhook.svc"' --set prometheusRule.enabled=true
variant 'calling_webhook_error' --set prometheusRule.enabled=true,webhook.failurePolicy=Fail
without 'DaemonsetWebhookMemory' --set prometheusRule.enabled=true,resources.limits=null
variant '> 0.9 \* 268435456$' --set prometheusRule.enabled=true
variant 'DaemonsetWebhookSelfProbeFails' --set prometheusRule.enabled=true,config.selfProbeSeconds=60
variant 'team: platform' --set commonLabels.team=platform
variant 'name: short-name$' --set fullnameOverride=short-name
variant 'serviceAccountName: mine$' --set serviceAccount.create=false,serviceAccount.name=mine
without 'kind: (Cluster)?Role(Binding)?$' --skip-tests --set rbac.create=false
# What cannot be tested is not: a dry run in an exempt namespace never reaches the webhook.
without 'helm.sh/hook' --set selfTest.namespace=kube-system

# What a NetworkPolicy allows, as data: each port by itself, and nothing goes out but to an address.
bash tests/venv.sh "$work/venv" promql-parser pyyaml
policy() {
  local wanted=$1
  shift
  render "$@" >"$work/policy" || fail "$*"
  "$work/venv/bin/python" - "$work/policy" "$wanted" <<'PYTHON' || fail "$*: the NetworkPolicy allows something else than $wanted"
import sys
import yaml

[policy] = [it["spec"] for it in yaml.safe_load_all(open(sys.argv[1])) if it and it["kind"] == "NetworkPolicy"]
def sources(rules, side):
    found = {}
    for rule in rules:
        for port in rule["ports"]:
            found[port["port"]] = len(rule.get(side, [])) or "all"
    return found
seen = f"{policy['policyTypes']} {sources(policy['ingress'], 'from')} {sources(policy.get('egress', []), 'to')}"
if seen != sys.argv[2]:
    sys.exit(seen)
PYTHON
  variants=$((variants + 1))
}
policy "['Ingress'] {'reviews': 'all', 'ops': 1} {}"
policy "['Ingress'] {'reviews': 1, 'ops': 1} {}" --set 'networkPolicy.reviewsFrom[0].ipBlock.cidr=10.0.0.0/28'
policy "['Ingress', 'Egress'] {'reviews': 'all', 'ops': 1} {443: 1, 6443: 1, 53: 2}" \
  --set 'networkPolicy.apiServerTo[0].ipBlock.cidr=10.0.0.1/32'
policy "['Ingress', 'Egress'] {'reviews': 'all', 'ops': 1} {8443: 1, 53: 2, 4318: 1}" \
  --set 'networkPolicy.apiServerTo[0].ipBlock.cidr=10.0.0.1/32' --set 'networkPolicy.apiServerPorts={8443}' --set-json \
  'networkPolicy.egress=[{"ports":[{"port":4318}],"to":[{"namespaceSelector":{"matchLabels":{"name":"observability"}}}]}]'

# The alerts' expressions are PromQL, by a parser of it.
render --set prometheusRule.enabled=true,config.selfProbeSeconds=60 >"$work/rules"
"$work/venv/bin/python" - "$work/rules" <<'PYTHON' || fail "an alert's expression is no PromQL"
import sys
import promql_parser
import yaml

rules = [
    rule
    for document in yaml.safe_load_all(open(sys.argv[1]))
    if document and document["kind"] == "PrometheusRule"
    for group in document["spec"]["groups"]
    for rule in group["rules"]
]
for rule in rules:
    try:
        promql_parser.parse(rule["expr"])
    except ValueError as error:
        sys.exit(f"{rule['alert']}: {rule['expr']}: {error}")
print(f"{len(rules)} alerts are PromQL")
if len(rules) < 18:
    sys.exit("alerts are missing")
for rule in rules:
    if not (rule["annotations"].get("summary") and rule["annotations"].get("description")):
        sys.exit(f"{rule['alert']} does not say what it means and what to do")
PYTHON

# Wrong values are refused, with a word about where they are wrong.
refused() {
  local wanted=$1
  shift
  ! render "$@" >/dev/null 2>"$work/error" || fail "$* is let pass"
  grep -q -- "$wanted" "$work/error" || fail "$*: the refusal does not say $wanted: $(cat "$work/error")"
  variants=$((variants + 1))
}
refused 'failurePolicy' --set webhook.failurePolicy=Sometimes
refused 'replica' --set replica=3
refused 'caBundel' --set certificates.existingSecret.caBundel=x
refused 'name' --set certificates.mode=existingSecret
refused 'caLifetime' --set certificates.managed.caLifetime=1y
refused 'propagation' --set certificates.managed.propagation=null
refused 'levels' --set config.levels.lands-nowhere=refuse
refused 'landsNowhere' --set config.levels.landsNowhere=deny
refused 'selfProbe' --set config.selfProbe=5
refused 'selfTest.namespace' --set config.selfProbeSeconds=60,selfTest.namespace=kube-system
refused 'kubeVersion' --kube-version 1.34.0
refused 'opsTLS' --set server.metricsAuth=token
refused 'clientCA' --set clientCA.configMap=a,clientCA.secret=b
refused 'clientCA' --set 'clientCA.names={a}'
refused 'replicas' --set replicas=0
refused 'autoscaling.minReplicas: 7 is more than' --set autoscaling.enabled=true,autoscaling.minReplicas=7
refused 'maxUnavailable' --set podDisruptionBudget.maxUnavailable=100%
refused 'maxUnavailable: 51% of 2 replicas is all' --set podDisruptionBudget.maxUnavailable=51%
refused 'maxUnavailable: 2 of 2 replicas is all' --set podDisruptionBudget.maxUnavailable=2
refused 'maxUnavailable: 3 of 3 replicas is all' --set autoscaling.enabled=true,autoscaling.minReplicas=3,podDisruptionBudget.maxUnavailable=3
for memory in 200Mi 0.2Gi 200M 2e8 200000000; do
  refused 'limits.memory: .* is not enough' --set-json "resources={\"limits\":{\"memory\":\"$memory\"}}"
done
refused 'at least 1120 Mi' --set server.maxBodyBytes=67108864
variant 'max-body=67108864' --set server.maxBodyBytes=67108864,resources.limits.memory=1120Mi
variant 'max-body=67108864' --set server.maxBodyBytes=67108864,resources.limits=null
refused 'apiServerTo' --set 'networkPolicy.egress[0].to[0].ipBlock.cidr=10.0.0.1/32'
refused "missing property 'to'" --set 'networkPolicy.apiServerTo[0].ipBlock.cidr=10.0.0.1/32,networkPolicy.egress[0].ports[0].port=53'

# For people without Helm: the defaults, without what only helm reads.
{
  cat <<'HEAD'
# What charts/daemonset-webhook makes with its defaults; written by `UPDATE=1 bash tests/chart.sh`, so change the chart instead.
# The image has to be built and pushed first: see webhook/Dockerfile. Uninstall with `kubectl delete -f` and this file.
apiVersion: v1
kind: Namespace
metadata:
  name: daemonset-webhook
  labels:
    pod-security.kubernetes.io/enforce: restricted
HEAD
  render --skip-tests | grep -Ev '^# Source: |^ +helm\.sh/chart: |^ +app\.kubernetes\.io/managed-by: Helm'
} >"$work/plain"
if [ "${UPDATE:-}" = 1 ]; then
  mkdir -p "$(dirname "$plain")"
  cp "$work/plain" "$plain"
fi
diff -u "$plain" "$work/plain" || fail "$plain is not what the chart makes; UPDATE=1 writes it again"

echo "the chart: $variants variants as they should be, $plain up to date"

[ "${WITHOUT_CLUSTER:-}" != 1 ] || exit 0
export CONTROLPLANE_BIN="${CONTROLPLANE_BIN:-$PWD/target/controlplane}"
tests/controlplane/build.sh
cargo build -q -p daemonset-tests --features tools --bin chart-cluster
timeout --signal=INT --kill-after=10 "${TIME_LIMIT:-600}" cargo run -q -p daemonset-tests --features tools --bin chart-cluster

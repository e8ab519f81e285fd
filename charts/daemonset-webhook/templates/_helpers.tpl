{{/* The name of the release's objects. It leaves room for the longest suffix, `-self-test`. */}}
{{- define "webhook.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of cluster-scoped objects. It contains the namespace, so that releases of the same name in two namespaces do not conflict. */}}
{{- define "webhook.clusterName" -}}
{{ include "webhook.name" . }}.{{ .Release.Namespace }}
{{- end -}}

{{/* The labels that select the pods of this release. They must never change, because a Deployment's selector is immutable. */}}
{{- define "webhook.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: webhook
{{- end -}}

{{- define "webhook.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "webhook.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "webhook.name" .) -}}
{{- else -}}
{{- required "serviceAccount.name: name the account that exists, or let the chart make one (serviceAccount.create)" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "webhook.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end -}}

{{/* The name of the Secret with the serving certificate. It differs between the modes, because a Secret's type is immutable. */}}
{{- define "webhook.secret" -}}
{{- if eq .Values.certificates.mode "managed" -}}
{{ include "webhook.name" . }}-managed
{{- else if eq .Values.certificates.mode "certManager" -}}
{{ include "webhook.name" . }}-tls
{{- else -}}
{{- required "certificates.existingSecret.name: name the Secret that holds tls.crt and tls.key" .Values.certificates.existingSecret.name -}}
{{- end -}}
{{- end -}}

{{/* The exempt namespaces, as a JSON list. */}}
{{- define "webhook.exempt" -}}
{{- append .Values.webhook.exemptNamespaces .Release.Namespace | uniq | sortAlpha | toJson -}}
{{- end -}}

{{/* "true" if dry runs in selfTest.namespace reach the webhook. */}}
{{- define "webhook.canTestItself" -}}
{{- if not (has .Values.selfTest.namespace (include "webhook.exempt" . | fromJsonArray)) -}}true{{- end -}}
{{- end -}}

{{/* "true" if the webhook sends requests to the API server, so that its pods need the token of the service account. */}}
{{- define "webhook.asksTheServer" -}}
{{- if or (eq .Values.certificates.mode "managed") (ne (include "webhook.cache" .) "off") (eq .Values.config.kubernetesVersion "auto") (eq .Values.server.metricsAuth "token") (gt (int64 .Values.config.selfProbeSeconds) 0) -}}true{{- end -}}
{{- end -}}

{{/* `off` without quotes is the boolean false in YAML 1.1. */}}
{{- define "webhook.cache" -}}
{{- ternary "off" .Values.cache (kindIs "bool" .Values.cache) -}}
{{- end -}}

{{/* What is watched besides for admission, as a JSON list of resources. */}}
{{- define "webhook.admission" -}}
{{- $kinds := list -}}
{{- if ne (include "webhook.cache" .) "off" -}}
{{- if .Values.admission.limitRanges }}{{ $kinds = append $kinds "limitranges" }}{{ end -}}
{{- if .Values.admission.resourceQuotas }}{{ $kinds = append $kinds "resourcequotas" }}{{ end -}}
{{- if .Values.admission.serviceAccounts }}{{ $kinds = append $kinds "serviceaccounts" }}{{ end -}}
{{- end -}}
{{- toJson $kinds -}}
{{- end -}}

{{/* Where the image can run. */}}
{{- define "webhook.nodeSelector" -}}
{{- $selector := dict "kubernetes.io/os" "linux" -}}
{{- if eq (len .Values.image.architectures) 1 -}}
{{- $_ := set $selector "kubernetes.io/arch" (first .Values.image.architectures) -}}
{{- end -}}
{{- merge (deepCopy .Values.nodeSelector) $selector | toYaml -}}
{{- end -}}

{{/* An affinity for the nodes whose architecture the image has; nothing if there is only one, which is in the node selector. */}}
{{- define "webhook.architectures" -}}
{{- if gt (len .Values.image.architectures) 1 -}}
nodeAffinity:
  requiredDuringSchedulingIgnoredDuringExecution:
    nodeSelectorTerms:
      - matchExpressions:
          - {key: kubernetes.io/arch, operator: In, values: {{ toJson .Values.image.architectures }}}
{{- end -}}
{{- end -}}

{{/* The affinity of the pods. Terms are alternatives, so each of them has to ask for the architecture. */}}
{{- define "webhook.affinity" -}}
{{- $affinity := deepCopy .Values.affinity -}}
{{- $own := include "webhook.architectures" . | fromYaml -}}
{{- if $own -}}
{{- $required := dig "nodeAffinity" "requiredDuringSchedulingIgnoredDuringExecution" "nodeSelectorTerms" list $affinity -}}
{{- if $required -}}
{{- $expressions := (first $own.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms).matchExpressions -}}
{{- range $required -}}
{{- $_ := set . "matchExpressions" (concat (.matchExpressions | default list) $expressions) -}}
{{- end -}}
{{- else -}}
{{- $affinity = mergeOverwrite $affinity $own -}}
{{- end -}}
{{- end -}}
{{- with $affinity }}{{ toYaml . }}{{ end -}}
{{- end -}}

{{/* The memory limit in bytes; nothing if there is none. */}}
{{- define "webhook.memoryLimit" -}}
{{- $limit := dig "limits" "memory" "" .Values.resources | toString -}}
{{- $factors := dict "" 1.0 "k" 1e3 "M" 1e6 "G" 1e9 "T" 1e12 "Ki" 1024.0 "Mi" 1048576.0 "Gi" 1073741824.0 "Ti" 1099511627776.0 -}}
{{- $unit := regexFind "[kMGT]?i?$" $limit -}}
{{- if and $limit (hasKey $factors $unit) (regexMatch "^[0-9.]+([eE][-+]?[0-9]+)?[kMGT]?i?$" $limit) -}}
{{- mulf (trimSuffix $unit $limit | float64) (get $factors $unit) | int64 -}}
{{- end -}}
{{- end -}}

{{/* What the schema cannot compare. */}}
{{- define "webhook.checkValues" -}}
{{- $scaling := .Values.autoscaling -}}
{{- if and $scaling.enabled (gt (int64 $scaling.minReplicas) (int64 $scaling.maxReplicas)) -}}
{{- fail (printf "autoscaling.minReplicas: %d is more than autoscaling.maxReplicas, %d" (int64 $scaling.minReplicas) (int64 $scaling.maxReplicas)) -}}
{{- end -}}
{{- $replicas := int64 (ternary $scaling.minReplicas .Values.replicas $scaling.enabled) -}}
{{- $evicted := .Values.podDisruptionBudget.maxUnavailable -}}
{{- $number := int64 (trimSuffix "%" (toString $evicted)) -}}
{{- if hasSuffix "%" (toString $evicted) -}}
{{- $number = div (add (mul $number $replicas) 99) 100 -}}
{{- end -}}
{{- if and .Values.podDisruptionBudget.enabled (gt $replicas 1) (ge $number $replicas) -}}
{{- fail (printf "podDisruptionBudget.maxUnavailable: %v of %d replicas is all of them, so one drain could stop the webhook; choose less" $evicted $replicas) -}}
{{- end -}}
{{- $limit := include "webhook.memoryLimit" . -}}
{{- $needed := add 100663296 (mul 16 (int64 .Values.server.maxBodyBytes)) -}}
{{- if and $limit (lt (int64 $limit) $needed) -}}
{{- fail (printf "resources.limits.memory: %v is not enough for server.maxBodyBytes, %d; at least %d Mi are needed" (dig "limits" "memory" "" .Values.resources) (int64 .Values.server.maxBodyBytes) (div (add $needed 1048575) 1048576)) -}}
{{- end -}}
{{- end -}}

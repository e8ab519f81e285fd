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
{{- if or (eq .Values.certificates.mode "managed") (ne (include "webhook.cache" .) "off") (eq .Values.config.kubernetesVersion "auto") (gt (int64 .Values.config.selfProbeSeconds) 0) -}}true{{- end -}}
{{- end -}}

{{/* `off` without quotes is the boolean false in YAML 1.1. */}}
{{- define "webhook.cache" -}}
{{- ternary "off" .Values.cache (kindIs "bool" .Values.cache) -}}
{{- end -}}

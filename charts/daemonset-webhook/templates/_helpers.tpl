{{/* The name of the release's objects: short enough for the longest suffix, `-self-test`. */}}
{{- define "webhook.name" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 52 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{/* The name of objects that have no namespace: two releases of one name in two namespaces do not meet. */}}
{{- define "webhook.clusterName" -}}
{{ include "webhook.name" . }}.{{ .Release.Namespace }}
{{- end -}}

{{/* What tells this release's pods from all others. It never changes, because a Deployment's selector cannot. */}}
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

{{/* The Secret with the serving certificate, by mode: a Secret's type cannot change, so no two modes share one. */}}
{{- define "webhook.secret" -}}
{{- if eq .Values.certificates.mode "managed" -}}
{{ include "webhook.name" . }}-managed
{{- else if eq .Values.certificates.mode "certManager" -}}
{{ include "webhook.name" . }}-tls
{{- else -}}
{{- required "certificates.existingSecret.name: name the Secret that holds tls.crt and tls.key" .Values.certificates.existingSecret.name -}}
{{- end -}}
{{- end -}}

{{/* The namespaces that the API server never asks about, as a JSON list. */}}
{{- define "webhook.exempt" -}}
{{- append .Values.webhook.exemptNamespaces .Release.Namespace | uniq | sortAlpha | toJson -}}
{{- end -}}

{{/* "true" where dry runs in selfTest.namespace would come to the webhook. */}}
{{- define "webhook.canTestItself" -}}
{{- if not (has .Values.selfTest.namespace (include "webhook.exempt" . | fromJsonArray)) -}}true{{- end -}}
{{- end -}}

{{/* "true" where the webhook asks the API server for anything, so its pods need the account's token. */}}
{{- define "webhook.asksTheServer" -}}
{{- if or (eq .Values.certificates.mode "managed") (ne (include "webhook.cache" .) "off") (eq .Values.config.kubernetesVersion "auto") (gt (int64 .Values.config.selfProbeSeconds) 0) -}}true{{- end -}}
{{- end -}}

{{/* An `off` without quotes is the truth value false to YAML 1.1. */}}
{{- define "webhook.cache" -}}
{{- ternary "off" .Values.cache (kindIs "bool" .Values.cache) -}}
{{- end -}}

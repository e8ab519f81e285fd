{{- define "agent.labels" -}}
app: {{ .Chart.Name }}
{{- end }}

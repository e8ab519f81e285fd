{{- define "lines.spec" -}}
extra3: 1
{{- end }}

{{- define "replication-exporter.name" -}}
{{- if contains "replication-exporter" .Release.Name -}}
{{- .Release.Name | trunc 52 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" (.Release.Name | trunc 31 | trimSuffix "-") "replication-exporter" -}}
{{- end -}}
{{- end -}}

{{- define "replication-exporter.selector" -}}
app.kubernetes.io/name: replication-exporter
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "replication-exporter.serviceAccount" -}}
{{- .Values.serviceAccount.name | default (include "replication-exporter.name" .) -}}
{{- end -}}

{{- define "replication-exporter.labels" -}}
{{ include "replication-exporter.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "replication-exporter.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}
{{- end -}}
{{- end -}}
{{- end -}}

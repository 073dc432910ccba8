{{- define "ringback.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "ringback.labels" -}}
app.kubernetes.io/name: ringback
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end -}}

{{- /* What marks one Deployment's pods: takes a dict of root, service and part. */ -}}
{{- define "ringback.selector" -}}
app.kubernetes.io/name: ringback
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .service }}-{{ .part }}
ringback/service: {{ .service }}
ringback/part: {{ .part }}
{{- end -}}

{{- define "ringback.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}

{{- define "ringback.security" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
seccompProfile:
  type: RuntimeDefault
{{- end -}}

{{- /* The environment of a service's processes: takes a dict of root, service and part. */ -}}
{{- define "ringback.env" -}}
{{- $v := .root.Values -}}
- name: DATABASE_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ $v.database.passwordsSecret }}, key: {{ .service }}-database}
- name: BROKER_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ $v.broker.passwordsSecret }}, key: {{ .service }}-broker}
- name: DATABASE_URL
  value: postgresql://ringback_{{ .service }}:$(DATABASE_PASSWORD)@{{ $v.database.host }}:{{ $v.database.port }}/{{ $v.database.name }}
- name: AMQP_URL
  value: amqp://ringback_{{ .service }}:$(BROKER_PASSWORD)@{{ $v.broker.host }}:{{ $v.broker.port }}/{{ $v.broker.vhost }}
- name: JWKS
  value: {{ required "auth.jwks: the URL of your identity provider's keys" $v.auth.jwks | quote }}
- name: JWT_ISSUER
  value: {{ $v.auth.issuer | quote }}
- name: PUBLIC_URL
  value: {{ $v.publicUrl | quote }}
- name: LINK_KEY_FILE
  value: /run/ringback/link/key
{{- if eq .service "notify" }}
- name: CASES_URL
  value: http://{{ include "ringback.name" .root }}-cases
{{- with $v.auth.tokenUrl }}
- name: NOTIFY_TOKEN_URL
  value: {{ . | quote }}
- name: NOTIFY_CLIENT_ID
  valueFrom:
    secretKeyRef: {name: {{ $v.auth.clientSecret }}, key: client-id}
- name: NOTIFY_CLIENT_SECRET
  valueFrom:
    secretKeyRef: {name: {{ $v.auth.clientSecret }}, key: client-secret}
{{- end }}
{{- end }}
- name: RATE_LIMIT_PER_MINUTE
  value: {{ $v.rateLimitPerMinute | quote }}
- name: FORWARDED_ALLOW_IPS
  value: "*"
{{- with $v.otlpEndpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- with (index $v.services .service).env }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* A password for each service as NAME_KIND_PASSWORD: takes a dict of root, kind (database, broker). */ -}}
{{- define "ringback.passwords" -}}
{{- $secret := (index .root.Values .kind).passwordsSecret -}}
{{- $kind := .kind -}}
{{- range $service, $_ := .root.Values.services }}
- name: {{ upper $service }}_{{ upper $kind }}_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ $secret }}, key: {{ $service }}-{{ $kind }}}
{{- end }}
{{- end -}}

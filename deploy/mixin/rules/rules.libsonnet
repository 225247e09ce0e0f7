{
  prometheusRules+:: {
    groups: [
      (import 'verdict.libsonnet')($._config),
      (import '../alerts/budget.libsonnet')($._config).records,
    ],
  },
}

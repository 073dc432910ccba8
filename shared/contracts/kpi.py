"""Events of the kpi service: which number moved. It publishes none yet."""

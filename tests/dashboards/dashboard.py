"""The dashboards as Grafana reads them: variables filled in, queries and annotations listed. Asks nobody."""

import json
import re

from prometheus import BEGIN, END, ROOT

FOLDER = ROOT / "deploy/grafana"
NAMES = ("overview", "relationship", "readiness", "exporter")
# What Grafana makes of a day on a panel of middling width, with scrapes every minute.
STEP = 120
BUILT_IN = {
    "__rate_interval": "240s",
    "__interval": f"{STEP}s",
    "__range": f"{END - BEGIN}s",
    "__range_s": str(END - BEGIN),
}
# Filled in when somebody clicks, not in queries.
IN_LINKS = r"__data\.fields\.\w+|__field\.labels\.\w+|__url_time_range|__value\.\w+"


def load(name):
    return json.loads((FOLDER / f"{name}.json").read_text())


def panels(dashboard):
    """Every panel that shows something."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel["panels"]
        else:
            yield panel


def variables(dashboard):
    return dashboard["templating"]["list"]


def annotations(dashboard):
    """Those that are queries."""
    return [each for each in dashboard["annotations"]["list"] if not each.get("builtIn")]


def fill_in(text, choice):
    """Variables as Grafana fills them in: a list of values, or None for all of them. An unknown one is a KeyError."""

    def value(match):
        name, form = (match[1] or match[3]), match[2]
        if name in BUILT_IN:
            return BUILT_IN[name]
        values = choice[name]
        if values is None:
            return ".*"
        if form != "regex":
            raise KeyError(f"{match[0]} is not ${{{name}:regex}}, so quotes and dots in names would break the query")
        values = [re.sub(r"[\\^$*+?.()|\[\]{}/]", r"\\\g<0>", each) for each in values]
        return values[0] if len(values) == 1 else "(" + "|".join(values) + ")"

    return re.sub(r"\$\{(\w+)(?::(\w+))?\}|\$(\w+)", value, text)


def used_variables(text):
    """The names of all variables in a text, those of links left out."""
    text = re.sub(r"\$\{(" + IN_LINKS + r")(:\w+)?\}|\$(" + IN_LINKS + ")", "", text)
    return {first or second for first, second in re.findall(r"\$\{(\w+)(?::\w+)?\}|\$(\w+)", text)}


def shown_name(target, labels):
    """What a legend calls a series."""
    legend = target["legendFormat"]
    return re.sub(r"\{\{(\w+)\}\}", lambda match: labels.get(match[1], ""), legend)


def values_of(prometheus, variable, choice, at):
    """The values that a variable offers, as pairs of text and value."""
    if variable["type"] == "datasource":
        return [("Prometheus", "prometheus")]
    if variable["type"] == "custom":
        return [(each, each) for each in variable["query"].split(",")]
    query = fill_in(variable["query"]["query"], choice)
    if match := re.fullmatch(r"label_values\((?s:(.*)), (\w+)\)", query):
        # Grafana asks for label values where Prometheus can filter them, else for series, which comes to the same.
        found = prometheus.ask("series", **{"match[]": match[1], "start": BEGIN, "end": END})
        texts = sorted({series[match[2]] for series in found})
    else:
        match = re.fullmatch(r"query_result\((?s:(.*))\)", query)
        # As Grafana writes them: labels in order, nothing escaped.
        texts = [
            "{" + ",".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + f"}} {value} {at}000"
            for labels, value in prometheus.instant(match[1], at)
        ]
    if not variable["regex"]:
        return [(text, text) for text in texts]
    pattern = re.compile(variable["regex"].strip("/").replace("(?<", "(?P<"))
    found = [pattern.search(text) for text in texts]
    return [(match["text"], match["value"]) for match in found if match]

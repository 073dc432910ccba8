"""An example for every body that a service takes, so that whoever reads the reference sees what to send.

Fields with the same name mean the same everywhere (that is what our names are for), so an example is made by name.
"""

from __future__ import annotations

import re
from typing import Any

Schema = dict[str, Any]

BY_NAME: dict[str, Any] = {
    "agent": "A001",
    "answer": "confirm",
    "answers": {"order_number": "20260302-118"},
    "audience": {"roles": ["agent"], "teams": ["HOT1"]},
    "body": "今天起，退款前先核对订单号。",
    "cause": "短信服务商的证书过期了",
    "channel": "phone",
    "city": "上海",
    "code": "HOT1",
    "decision": "upheld",
    "description": "客户想知道包裹现在在哪里。",
    "ends_at": "2026-03-02T17:00:00+08:00",
    "event_type": "roster.shift_change.announced.v1",
    "events": ["cases.case.*"],
    "evidence": "录音编号 20260302-118",
    "external_id": "crm-4711",
    "findings": "录音里确实答应过三点前回电，没有回。",
    "fix": "换上了新证书，验证码恢复正常。",
    "kind": "phone",
    "language": "zh-CN",
    "metric": "answer_rate",
    "name": "热线一组",
    "name_en": "Hotline 1",
    "news": "服务商正在更换证书，预计下午四点恢复。",
    "note": "本月班表",
    "owner": "A001",
    "question": "您的订单号是多少？",
    "reason": "孩子生病要去医院",
    "remedy": "当天补发，并由主管致歉",
    "request": "请查明退款为什么没有到账，下午四点前答复。",
    "resolution": "已补发，客户已收到",
    "said": "答应的退款两次都没有到账。",
    "staff_no": "A001",
    "subject": "快递三天没有更新",
    "owner_team": "HOT1",
    "second_at": "2026-03-03T09:00:00+08:00",
    "team": "HOT1",
    "texts": {
        "zh-CN": {"title": "{name}，请确认", "text": "{body}"},
        "en": {"title": "{name}, please confirm", "text": "{body}"},
    },
    "text": "已联系仓库，今天下午四点前回电。",
    "timezone": "Asia/Shanghai",
    "title": "退款新流程",
    "to_team": "HOT2",
    "topic": "delivery",
    "type": "consult",
    "tz": "Asia/Shanghai",
    "until": "2026-03-03T09:00:00+08:00",
    "url": "https://crm.example.com/ringback",
    "with_staff_no": "A002",
    "workaround": "请客户改用语音验证码",
    "zone": "Asia/Shanghai",
}
BY_BODY = {
    "NewAgent": {"name": "林晓梅"},
    "AgentChange": {"name": "林晓梅"},
    "NewCustomer": {"name": "青禾书店"},
    "CustomerChange": {"name": "青禾书店"},
}
"""Where a name means something else."""
BY_FORMAT = {
    "date": "2026-03-02",
    "date-time": "2026-03-02T09:00:00+08:00",
    "time": "09:00:00",
    "uri": "https://crm.example.com/ringback",
    "uuid": "0192d1a0-0000-7000-8000-000000000003",
    "binary": "",
}
WORDS = ("A001", "delivery", "HOT1", "09:00", "2026-03", "cases.case.opened.v1", "P1D")
"""For strings of a certain pattern: the first that fits."""
BY_TYPE: dict[str, Any] = {"boolean": True, "string": "A001", "null": None}
OPTIONAL_SHOWN = 2
"""So many fields of a body in which none is required."""


class Examples:
    """Examples of the schemas of one document."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self._schemas = schemas

    def of(self, schema: Schema, name: str = "") -> Any:
        """A value that the schema takes: what must be given, and no more."""
        if "$ref" in schema:
            target = schema["$ref"].rpartition("/")[2]
            made = self.of(self._schemas[target], name)
            return made | BY_BODY[target] if target in BY_BODY else made
        for told in ("examples", "enum"):
            if told in schema:
                return schema[told][0]
        if "const" in schema:
            return schema["const"]
        if options := schema.get("anyOf") or schema.get("oneOf"):
            return self.of(next((one for one in options if one.get("type") != "null"), options[0]), name)
        return self._of_type(schema, name)

    def _of_type(self, schema: Schema, name: str) -> Any:
        kind = schema.get("type")
        if kind == "object" or "properties" in schema:
            return self._object(schema, name)
        if "pattern" in schema:
            words = (str(BY_NAME.get(name, "")), *WORDS)
            return next((word for word in words if re.search(schema["pattern"], word)), "")
        if self._means(schema, name):
            return BY_NAME[name]
        if kind == "array":
            return [self.of(schema.get("items", {"type": "string"}), name.removesuffix("s"))]
        if kind in ("integer", "number"):
            return _number(schema)
        if name == "to" and schema.get("format") == "date":
            return "2026-03-31"
        return BY_FORMAT.get(schema.get("format", ""), BY_TYPE.get(kind or "string"))

    def _means(self, schema: Schema, name: str) -> bool:
        """Whether the name says what to give: it may mean a date here and a person there."""
        if (schema.get("format") or "date-time") not in ("date-time", "uri"):
            return False
        return name in BY_NAME and (schema.get("type") == "array") == isinstance(BY_NAME[name], list)

    def _object(self, schema: Schema, name: str) -> Any:
        if name in BY_NAME and isinstance(BY_NAME[name], dict):
            return BY_NAME[name]
        fields = schema.get("properties", {})
        shown = [field for field in fields if field in schema.get("required", ())] or list(fields)[:OPTIONAL_SHOWN]
        return {field: self.of(fields[field], field) for field in shown}


def _number(schema: Schema) -> Any:
    """30, or what comes nearest to it."""
    least = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
    most = schema.get("maximum", schema.get("exclusiveMaximum", least + 31) - 1)
    return min(max(least, 30), most)

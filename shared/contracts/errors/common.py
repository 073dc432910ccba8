"""Error codes that every service can answer."""

from __future__ import annotations

from typing import NamedTuple


class Problem(NamedTuple):
    """HTTP status and the sentence for people, in Chinese and English."""

    status: int
    zh: str
    en: str


PROBLEMS: dict[str, Problem] = {
    "malformed-json": Problem(400, "请求内容不是有效的 JSON。", "The body is not valid JSON."),
    "malformed-request": Problem(400, "请求无法读取。", "The request cannot be read."),
    "not-authenticated": Problem(401, "请先登录：缺少访问令牌。", "Sign in first: there is no access token."),
    "token-invalid": Problem(401, "访问令牌无效。", "The access token is not valid."),
    "token-expired": Problem(401, "访问令牌已过期，请重新登录。", "The access token has expired; sign in again."),
    "scope-missing": Problem(403, "您没有这项权限：{scope}。", "You lack the permission {scope}."),
    "not-yours": Problem(403, "这不是您本人或您团队的事项。", "This belongs to another person or team."),
    "not-found": Problem(404, "找不到：{what}。", "Not found: {what}."),
    "no-such-route": Problem(404, "没有这个地址。", "There is no such address."),
    "method-not-allowed": Problem(405, "此地址不支持该方法。", "This address does not support that method."),
    "conflict": Problem(409, "与现有数据冲突。", "This conflicts with what is stored."),
    "idempotency-in-progress": Problem(
        409, "同一请求正在处理，请稍后再试。", "The same request is still being worked on; try again shortly."
    ),
    "stale-version": Problem(
        412,
        "数据已被他人修改（当前版本 {current}），请刷新后再试。",
        "Somebody changed this (now version {current}); reload it.",
    ),
    "body-too-large": Problem(413, "请求内容超过 {limit} 字节。", "The body is larger than {limit} bytes."),
    "invalid-value": Problem(422, "有字段不符合要求。", "Some fields are not acceptable."),
    "unknown-field": Problem(422, "没有这个字段。", "There is no such field."),
    "field-required": Problem(422, "必填。", "Required."),
    "not-acceptable": Problem(422, "不符合要求。", "Not acceptable."),
    "text-too-short": Problem(422, "至少 {min_length} 个字符。", "At least {min_length} character(s)."),
    "text-too-long": Problem(422, "最多 {max_length} 个字符。", "At most {max_length} characters."),
    "text-pattern": Problem(422, "格式不符：须匹配 {pattern}。", "Wrong format: it has to match {pattern}."),
    "text-unstorable": Problem(422, "含有无法保存的字符。", "It has characters that cannot be stored."),
    "too-few": Problem(422, "至少 {min_length} 项。", "At least {min_length} item(s)."),
    "too-many": Problem(422, "最多 {max_length} 项。", "At most {max_length} items."),
    "not-greater": Problem(422, "须大于 {gt}。", "Has to be greater than {gt}."),
    "too-small": Problem(422, "不得小于 {ge}。", "Has to be at least {ge}."),
    "not-less": Problem(422, "须小于 {lt}。", "Has to be less than {lt}."),
    "too-large": Problem(422, "不得大于 {le}。", "Has to be at most {le}."),
    "not-a-multiple": Problem(422, "须为 {multiple_of} 的倍数。", "Has to be a multiple of {multiple_of}."),
    "not-one-of": Problem(422, "须为下列之一：{expected}。", "Has to be one of {expected}."),
    "not-text": Problem(422, "须为文本。", "Has to be text."),
    "not-a-whole-number": Problem(422, "须为整数。", "Has to be a whole number."),
    "not-a-number": Problem(422, "须为数字。", "Has to be a number."),
    "not-a-boolean": Problem(422, "须为 true 或 false。", "Has to be true or false."),
    "not-an-id": Problem(422, "须为 UUID 格式的标识。", "Has to be an id (UUID)."),
    "not-a-date": Problem(422, "须为有效日期，如 2026-02-14。", "Has to be a date such as 2026-02-14."),
    "not-an-instant": Problem(
        422,
        "须为带时区的时间，如 2026-02-14T09:00:00+08:00。",
        "Has to be a time with offset such as 2026-02-14T09:00:00+08:00.",
    ),
    "not-a-time": Problem(422, "须为时刻，如 09:00。", "Has to be a time of day such as 09:00."),
    "offset-missing": Problem(
        422, "时间须带时区偏移，如 +08:00。", "The time has to have its offset from UTC, such as +08:00."
    ),
    "offset-unwanted": Problem(422, "须为不带时区的当地时间。", "Has to be a local time without an offset."),
    "not-a-list": Problem(422, "须为列表。", "Has to be a list."),
    "not-an-object": Problem(422, "须为 JSON 对象。", "Has to be a JSON object."),
    "idempotency-key-reused": Problem(
        422, "同一 Idempotency-Key 已用于另一个请求。", "This Idempotency-Key was used for another request."
    ),
    "idempotency-key-invalid": Problem(
        422, "Idempotency-Key 须为 1 至 255 个可见字符。", "An Idempotency-Key has 1 to 255 visible characters."
    ),
    "cursor-invalid": Problem(
        422,
        "翻页游标无效：请原样传回上一页的 next，或从头取起。",
        "The page cursor is not valid: send a page's `next` as it was, or begin anew.",
    ),
    "zone-unknown": Problem(
        422,
        "没有这个时区：{zone}。请用 IANA 名称，如 Asia/Shanghai。",
        "There is no time zone {zone}; use an IANA name such as Asia/Shanghai.",
    ),
    "sheet-unreadable": Problem(422, "无法读取该表格文件。", "The file cannot be read as a sheet."),
    "sheet-too-large": Problem(
        422, "表格过大，请拆分后再导入。", "The sheet is too large; split it and import the parts."
    ),
    "sheet-empty": Problem(422, "表格没有数据。", "The sheet has no data."),
    "sheet-invalid": Problem(
        422, "表格中有 {count} 处错误，未作任何修改。", "The sheet has {count} errors; nothing was changed."
    ),
    "clock-step-invalid": Problem(
        422,
        "请给出向前拨动的时长，或 {most} 天以内的将来时刻。",
        "Give a duration to move forward, or an instant within the next {most} days.",
    ),
    "if-match-required": Problem(428, "修改前请带上 If-Match。", "Send If-Match with a change."),
    "if-match-invalid": Problem(412, "If-Match 不是有效的版本标记。", "If-Match is not a version tag."),
    "too-many-requests": Problem(429, "请求过于频繁。", "Too many requests."),
    "unavailable": Problem(
        503, "服务暂时不可用，请稍后再试。", "The service is not available just now; try again shortly."
    ),
    "internal-error": Problem(500, "内部错误，已记录。", "An internal error; it has been recorded."),
}

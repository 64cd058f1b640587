"""What people say in the demo world: requests with their needs, and sentences at the door."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Want:
    """A need, before it is stated. FELT and EXPRESSED name who says so."""

    domain: str
    statement: str
    bradshaw_type: str = "FELT"
    severity: int = 3
    stated_by: str | None = "本人"


@dataclasses.dataclass(frozen=True)
class Request:
    """What is asked for, and why."""

    service: str
    needs: tuple[Want, ...]
    reason: str
    urgency: str = "ROUTINE"
    note: str | None = None


SELDOM_VISITED = Want("VISITING", "近三个月走访次数少于同类老人。", "COMPARATIVE", 3, None)

HAIRCUT = Request(
    "HOME_HAIRCUT",
    (Want("DAILY_LIVING", "腿脚不便，半年没理发了，想请人上门理个发。"),),
    "独居老人，下楼困难，请安排上门理发。",
)
HAIRCUT_SELDOM = Request(
    "HOME_HAIRCUT",
    (Want("DAILY_LIVING", "头发长了，自己剪不好。"), SELDOM_VISITED),
    "老人走访次数偏少，希望理发时一并看望。",
)
SAFETY = Request(
    "SAFETY_CHECK",
    (Want("SAFETY", "燃气软管老化，不知道怎么查。", "NORMATIVE", 4, None),),
    "走访发现灶台软管开裂，请尽快上门检查水电气。",
    "SOON",
)
SAFETY_URGENT = Request(
    "SAFETY_CHECK",
    (Want("SAFETY", "厨房有燃气味，老人自己闻不出来。", "NORMATIVE", 5, None),),
    "邻居反映有燃气味，老人独居，请当天上门。",
    "URGENT",
    "已电话提醒开窗、关阀。",
)
COMPANY = Request(
    "COMPANIONSHIP",
    (Want("VISITING", "白天一个人，想有人说说话。"),),
    "子女在外地，老人情绪低落，希望有人每周陪伴。",
)
CARE = Request(
    "CARE",
    (Want("CARE", "术后洗澡需要人帮忙。", "EXPRESSED", 4, "女儿"),),
    "髋部术后，家属请求短期照料。",
    "SOON",
)
ESCORT = Request(
    "ESCORT",
    (Want("ESCORT", "下周复查，一个人去不了医院。", "EXPRESSED", 3, "本人"),),
    "行动不便，请安排陪同复查。",
    "SOON",
)
VISITING = Request(
    "VISITING",
    (Want("VISITING", "高龄独居，按规定应每周巡访。", "NORMATIVE", 3, None), SELDOM_VISITED),
    "高龄独居老人，纳入定期巡访。",
)
REHABILITATION = Request(
    "REHABILITATION",
    (Want("REHABILITATION", "中风后右手使不上劲，想能自己端碗。", "FELT", 4, "本人"),),
    "医院建议居家康复训练。",
)
COUNSELLING = Request(
    "COUNSELLING",
    (Want("COUNSELLING", "近来不愿出门、睡不好。", "EXPRESSED", 3, "家属"),),
    "家属担心情绪问题，请心理疏导。",
)
CHILD = Request(
    "INTEGRATION",
    (Want("INTEGRATION", "放学后没人陪，想和同学一起玩。", "FELT", 3, "本人"),),
    "困境儿童，希望参加社区融入活动。",
)
WIDOWED = Request(
    "INTEGRATION",
    (Want("INTEGRATION", "老伴走后不愿出门，和邻居也不来往了。", "FELT", 4, "本人"),),
    "丧偶独居，社会交往明显减少，建议个案跟进。",
)
NEWCOMER = Request(
    "INTEGRATION",
    (Want("INTEGRATION", "随子女刚搬来，一个人也不认识。", "EXPRESSED", 3, "女儿"),),
    "随迁老人，语言和环境都不熟悉，请个案协助融入社区。",
)
CHILD_COUNSELLING = Request(
    "COUNSELLING",
    (Want("COUNSELLING", "父母离异后话变少，成绩下滑。", "EXPRESSED", 4, "班主任"),),
    "学校反映孩子情绪低落，监护人同意转介。",
    "SOON",
)
SKILLS = Request(
    "SKILLS",
    (
        Want("SKILLS", "想学一门能在家做的手艺。", "FELT", 3, "本人"),
        Want("RESOURCES", "缺少启动的工具。", "EXPRESSED", 2, "本人"),
    ),
    "有劳动能力的低保边缘家庭，希望通过培训增加收入。",
)
RESOURCES = Request(
    "RESOURCES",
    (
        Want("RESOURCES", "卫生间没有扶手，想申请适老化改造。", "FELT", 3, "本人"),
        Want("POLICY", "不清楚高龄津贴怎么办。", "EXPRESSED", 2, "本人"),
    ),
    "请帮助链接适老化改造与政策资源。",
)

YEARLY_HAIRCUT = Request(
    "HOME_HAIRCUT",
    (Want("DAILY_LIVING", "下不了楼，想每个多月有人上门理一次发。"),),
    "长期卧床或行动不便，请全年定期上门理发。",
)
YEARLY_SAFETY = Request(
    "SAFETY_CHECK",
    (Want("SAFETY", "独居，不懂用电用气安全。", "NORMATIVE", 3, None),),
    "独居老人，请每季度上门检查水电气。",
)
LONG_CARE = Request(
    "CARE",
    (Want("CARE", "偏瘫，洗澡翻身都要人搭手。", "EXPRESSED", 4, "儿子"),),
    "家属白天上班，请定期上门照料。",
    "SOON",
)

OWN_WORDS = (
    "你们真准时来了，太谢谢了。",
    "剪短了精神，下次还想请你来。",
    "有人惦记着，心里暖和。",
    "燃气阀换了新的，睡觉踏实了。",
    "难得有人听我说这么久。",
    "钱不用我出，还这么仔细，谢谢政府。",
)

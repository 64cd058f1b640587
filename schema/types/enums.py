"""The GraphQL enums, made from the one list of values (`hub/enums.py`) and described by their labels."""

# Enums and lazy references are made at run time, which a type checker cannot follow.
# pyright: reportInvalidTypeForm=false, reportGeneralTypeIssues=false
from __future__ import annotations

import enum
from typing import Any

import strawberry

from hub.base.words import label
from hub.enums import ENUMS


def described(key: str) -> str:
    """`In progress 进行中`: the English label, then the 中文 term."""
    return f"{label(key, 'en')} {label(key, 'zh-CN')}"


def _enum(name: str, description: str) -> Any:
    values = {
        value: strawberry.enum_value(value, description=described(f"{name}.{value}")) for value in ENUMS[name]
    }
    made: Any = enum.Enum(name, values)
    return strawberry.enum(made, description=description)


Role = _enum("Role", "What a membership lets its holder be. 角色")
Duty = _enum("Duty", "The duty of a finance officer, never both at one street. 岗位")
UserErrorCode = _enum("UserErrorCode", "Why a command was refused, stable across languages. 错误代码")
OrganizationKind = _enum("OrganizationKind", "What kind of organization it is. 组织类别")
OrganizationStatus = _enum("OrganizationStatus", "Whether the organization is active. 组织状态")
PartnerType = _enum("PartnerType", "Legal type of a social organization. 社会组织类型")
PartnerRating = _enum("PartnerRating", "Rating of a social organization. 等级评估")
QualificationType = _enum("QualificationType", "What a qualification entitles to. 资质类型")
DocumentKind = _enum("DocumentKind", "What a file is. 文件类别")
PaperKind = _enum("PaperKind", "What a file that the hub makes is. 系统文件类别")
DocumentStatus = _enum("DocumentStatus", "Whether a file has come. 文件状态")
Sex = _enum("Sex", "Sex as registered. 性别")
AgeGroup = _enum("AgeGroup", "Age group on the day of reading. 年龄段")
DisabilityGrade = _enum("DisabilityGrade", "Disability grade. 残疾等级")
RiskClass = _enum("RiskClass", "How often somebody should look in. 风险等级")
PersonStatus = _enum("PersonStatus", "Whether the person lives here. 居民状态")
HouseholdRelation = _enum("HouseholdRelation", "Relation to the head of the household. 与户主关系")
EligibilityCategory = _enum("EligibilityCategory", "Category of assistance. 救助类别")
ConsentPurpose = _enum("ConsentPurpose", "What a consent is for. 同意目的")
ConsentGiver = _enum("ConsentGiver", "Who gave the consent. 同意人")
ConsentBasis = _enum("ConsentBasis", "The basis of processing. 处理依据")
ConsentStatus = _enum("ConsentStatus", "State of a consent. 同意状态")
DataCategory = _enum("DataCategory", "A category of personal data. 数据类别")
RevealField = _enum("RevealField", "A personal value that can be revealed. 可查看字段")
RevealPurpose = _enum("RevealPurpose", "Why a personal value is revealed. 查看目的")
NeedDomain = _enum("NeedDomain", "Domain of a need. 需求领域")
BradshawType = _enum("BradshawType", "Type of a need after Bradshaw. 需求类型")
ComparatorMetric = _enum("ComparatorMetric", "A figure the hub compares by. 比较指标")
NeedStatus = _enum("NeedStatus", "State of a need. 需求状态")
Strand = _enum("Strand", "Strand of the service model. 服务类别")
OfficialCategory = _enum("OfficialCategory", "Category of the official service list. 官方服务目录类别")
ServiceUnit = _enum("ServiceUnit", "Unit a service is counted in. 计量单位")
EvidencePolicy = _enum("EvidencePolicy", "Evidence a delivery must carry. 佐证要求")
CaseKind = _enum("CaseKind", "A promised service or casework. 服务单类型")
FundKind = _enum("FundKind", "What kind of money a fund holds. 基金类别")
FundChannel = _enum("FundChannel", "By which way a fund is paid out. 支付渠道")
DonorKind = _enum("DonorKind", "What kind of donor. 捐赠人类别")
AgreementStatus = _enum("AgreementStatus", "State of an agreement. 协议状态")
AgreementReason = _enum("AgreementReason", "Why an agreement was sent back or ended. 协议原因代码")
ProcurementMethod = _enum("ProcurementMethod", "How a partner was chosen. 采购方式")
ShortfallRule = _enum("ShortfallRule", "What a share stage loses for missing work. 未完成扣减规则")
RemainderRule = _enum("RemainderRule", "What becomes of an unaccepted remainder. 余额处理规则")
LineKind = _enum("LineKind", "How a line is priced. 计价方式")
CriterionMetric = _enum("CriterionMetric", "A figure that a criterion is about. 指标")
Operator = _enum("Operator", "How a figure is compared with its target. 比较方式")
MilestoneKind = _enum("MilestoneKind", "What a stage of payment stands for. 付款阶段类别")
MilestoneStatus = _enum("MilestoneStatus", "State of a milestone. 付款阶段状态")
ReferralStatus = _enum("ReferralStatus", "State of a referral. 转介状态")
OfferStatus = _enum("OfferStatus", "State of an offer. 派单状态")
Urgency = _enum("Urgency", "How soon help is needed. 紧急程度")
ReasonCode = _enum("ReasonCode", "Why something was returned, declined or ended. 原因代码")
CaseStatus = _enum("CaseStatus", "State of a case. 服务单状态")
CaseOutcome = _enum("CaseOutcome", "How a case ended. 服务结果")
MemberRole = _enum("MemberRole", "Part of an organization in a case. 参与角色")
GoalStatus = _enum("GoalStatus", "State of a goal. 目标状态")
VisitStatus = _enum("VisitStatus", "State of a visit. 走访状态")
VisitOutcome = _enum("VisitOutcome", "What happened at the door. 走访结果")
AuditFaultKind = _enum("AuditFaultKind", "What is wrong with an audit chain. 审计链异常类型")
VisitKind = _enum("VisitKind", "What a visit is for. 走访类型")
QueueKind = _enum("QueueKind", "A kind of waiting work. 待办类型")
CasePromise = _enum("CasePromise", "How the promised visits of a case stand. 约定情况")
CaseRole = _enum("CaseRole", "Part that the viewer's partner has in a case. 本机构角色")
SubstitutionStatus = _enum("SubstitutionStatus", "State of a substitution. 代班状态")
DeliveryStatus = _enum("DeliveryStatus", "State of a delivery. 服务记录状态")
DeliveryFlag = _enum("DeliveryFlag", "What the hub finds odd about a delivery. 异常标记")
Verification = _enum("Verification", "What says that a delivery was done. 核实方式")
DisputeReason = _enum("DisputeReason", "Why a delivery is disputed. 异议原因")
CallbackStatus = _enum("CallbackStatus", "State of a call-back. 回访状态")
CallbackOutcome = _enum("CallbackOutcome", "What came of a call-back. 回访结果")
CallbackCause = _enum("CallbackCause", "Why a call-back was drawn. 回访抽取原因")
SubmissionStatus = _enum("SubmissionStatus", "State of a claim. 验收申请状态")
ClaimRule = _enum("ClaimRule", "By which rule a claimed amount arises. 金额规则")
ClaimStepKind = _enum("ClaimStepKind", "What a step of a derivation says. 金额计算步骤")
ReviewDecision = _enum("ReviewDecision", "What a review says. 验收结论")
ReviewReason = _enum("ReviewReason", "Why a claim was not accepted whole. 验收原因")
DeductionStatus = _enum("DeductionStatus", "State of a deduction. 扣减状态")
DeductionKind = _enum("DeductionKind", "What kind of deduction. 扣减类别")
AppealStatus = _enum("AppealStatus", "State of an appeal. 申诉状态")
AppealSubject = _enum("AppealSubject", "What an appeal is against. 申诉事项")
InvoiceStatus = _enum("InvoiceStatus", "State of an invoice. 票据状态")
InvoiceKind = _enum("InvoiceKind", "What kind of paper is handed in. 票据类别")
BankAccountStatus = _enum("BankAccountStatus", "State of a bank account. 收款账户状态")
AccountPurpose = _enum("AccountPurpose", "Why an account number is revealed. 查看账号目的")
PaymentRequestStatus = _enum("PaymentRequestStatus", "State of a payment request. 付款申请状态")
PaymentRequestKind = _enum("PaymentRequestKind", "How a payment request arose. 付款申请类别")
PaymentReason = _enum("PaymentReason", "Why a payment went back or failed. 付款原因代码")
PaymentStatus = _enum("PaymentStatus", "State of a payment. 付款状态")
ApprovalStep = _enum("ApprovalStep", "A step on the way of a payment. 审批步骤")
MatchResult = _enum("MatchResult", "What an aspect of a match comes to. 核对结果")
Side = _enum("Side", "A side that one person takes in a payment. 经办环节")
TransferStage = _enum("TransferStage", "How far a movement of the ledger is. 记账状态")
TransferReason = _enum("TransferReason", "Why money moved in the ledger. 记账事由")
DueHorizon = _enum("DueHorizon", "By when something falls due. 到期区间")
DecisionStep = _enum("DecisionStep", "A hand that somebody had in a decision. 经办步骤")
SeriesKind = _enum("SeriesKind", "How people take part in a series. 参与方式")
SeriesStatus = _enum("SeriesStatus", "State of a series. 系列活动状态")
SessionStatus = _enum("SessionStatus", "State of a session. 场次状态")
SuggestionReason = _enum("SuggestionReason", "Why a line is, or is not, suggested. 推荐理由")
GapReason = _enum("GapReason", "Why a milestone is not reached yet. 缺口类型")

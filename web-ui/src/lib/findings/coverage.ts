/** What is allowed but probably not meant, in Chinese. */

import type { Sentence } from './match.ts';

export const COVERAGE: readonly Sentence[] = [
  ['is watched automatically (dataSrc 1) but by no rule; name it as the measure (管控措施) of a tag that has limits, or write dataSrc 2', '标为自动化监控（dataSrc 1），却没有规则；请在有限值的位号中把它填为管控措施，或写 dataSrc 2'],
  ['is watched by no rule, so its colour never changes; give it measures with tags, or zones', '没有任何规则，颜色永远不变；请为它配置有位号的管控措施或区域'],
  ['belongs to no risk unit; fill in measure (管控措施) or unit (风险分析单元)', '不属于任何风险分析单元；请填写管控措施或风险分析单元'],
  ['has limits but no measure, so its alarms raise no warning and no task; fill in measure (管控措施)', '有限值但没有管控措施，报警不会产生预警和任务；请填写管控措施'],
  ['is given in parts of the lower explosive limit but is no gas detector here, so its alarms do not latch and can be hidden; fill in gas (气体)', '单位是爆炸下限百分数，却没有登记为气体探测器，报警不锁定且可被搁置；请填写气体'],
  ['asks for legal workdays and risk/holidays.csv has no row of {}, so Monday to Friday are taken; add the holidays of that year', '按法定工作日排查，而 risk/holidays.csv 没有 {1} 年，于是按周一至周五；请补上该年的节假日'],
  ['reads a register that {} at {} reads as well; compare the addresses', '所读寄存器与 {2} 的 {1} 相同；请核对地址'],
  ['no tag is read from the source {}; add tags of it or remove it', '数据源 {1} 没有位号；请添加位号或移除它'],
  ['people are listed but no source says where they are; add [source.mqtt.location]', '登记了人员，而没有数据源提供位置；请添加 [source.mqtt.location]'],
  ['nobody is alarmed when a person presses SOS; add [[rule.sos]] to rules.toml', '有人一键报警时没有报警；请在 rules.toml 添加 [[rule.sos]]'],
  ['[[rule.sos]] watches a button that no source reads; add sos to [source.mqtt.location]', '[[rule.sos]] 监视的按钮没有数据源；请在 [source.mqtt.location] 添加 sos'],
  ['has a limit of people but no risk event, so too many people raise an alarm and no warning; fill in event (风险事件)', '有限员但没有风险事件，超员只报警、不预警；请填写风险事件'],
  ['belongs to no risk unit, so its people are named in no warning; fill in unit (风险分析单元)', '不属于任何风险分析单元，其中人员不会出现在预警里；请填写风险分析单元'],
  ['is watched for gatherings and no source says where in it people are; add x and y to [source.mqtt.location]', '监视聚集，而没有数据源提供坐标；请在 [source.mqtt.location] 添加 x 和 y'],
  ['has a longest stay that nobody watches; add [[rule.overstay]] to rules.toml', '有最长停留时间而无人监视；请在 rules.toml 添加 [[rule.overstay]]'],
  ['is hazardous and nobody watches for people who do not move; add [[rule.immobile]] to rules.toml', '是危险区域，却没有监视静止人员；请在 rules.toml 添加 [[rule.immobile]]'],
  ['is hazardous and no source says where in it people are; add x and y to [source.mqtt.location]', '是危险区域，而没有数据源提供坐标；请在 [source.mqtt.location] 添加 x 和 y'],
  ['nobody watches who keeps the post; add [[rule.wrong_post]] or [[rule.off_post]] to rules.toml', '没有监视谁在岗；请在 rules.toml 添加 [[rule.wrong_post]] 或 [[rule.off_post]]'],
  ['no source brings what cameras see; add [source.mqtt.video]', '没有数据源提供视频分析结果；请添加 [source.mqtt.video]'],
  ['no rule watches this camera; add a [[rule.video]] to rules.toml', '没有规则使用该摄像机；请在 rules.toml 添加 [[rule.video]]'],
  ['brings special-work tickets that no rule watches; add [[rule.ticket]] to rules.toml', '提供作业票而没有规则使用；请在 rules.toml 添加 [[rule.ticket]]'],
  ['[[rule.ticket]] watches tickets that no source brings; add [source.mqtt.ticket]', '[[rule.ticket]] 需要作业票，而没有数据源提供；请添加 [source.mqtt.ticket]'],
  ['nobody says who changed this configuration and why; add [change] with author, reason and date, which the history of the alarm table shows', '没有说明何人因何修改了组态；请添加 [change]，写明 author、reason 和 date，报警主表的历史会显示'],
  ['has neither measure nor threatens, so its alarms raise no warning and no task; add threatens = "EV-2101"', '既没有 measure 也没有 threatens，报警不会产生预警和任务；请添加 threatens = "EV-2101"'],
  ['{} belongs to the unit {} and the rule to {}; name something of the same unit, unless this is meant', '{1} 属于单元 {2}，而规则属于 {3}；若非有意，请用同一单元的对象'],
  ['the alarm {} asks for an answer at once and says nobody what to do; fill in guidance (处置措施) here, or of its measure, event, unit or object', '报警 {1} 要求立即处置，却没有写怎么办；请在此处、或在其管控措施、事件、单元或对象填写处置措施'],
  ['is not one of the hours that count from the start of the working hours (workStartTime), so the first execution comes later than written; let both agree', '不在从工作开始时间（workStartTime）起算的整点上，首次执行会晚于所写；请使两者一致'],
  ['hot_work_gas finds no tag in %LEL, so it watches nothing; add the detectors to tags.csv or remove the table', 'hot_work_gas 找不到单位为 %LEL 的位号，什么也没有监视；请在 tags.csv 添加探测器，或删除该表'],
];

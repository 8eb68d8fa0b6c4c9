/** Chinese: refused rows, messages that could not be used, gaps. */

export const delivery = {
  'parked.title': '被拒消息',
  'parked.show': '查看',
  'parked.hide': '收起',
  'parked.hint': '接收端拒绝的消息保存在本机，按间隔自动重发；排除原因后可立即重发。',
  'parked.since': '起始',
  'parked.tries': '已试',
  'parked.next': '下次',
  'parked.retry': '重发',
  'parked.retry_all': '全部重发',
  'parked.audit': '重发记录',
  'parked.none': '没有被拒消息',
  'parked.more': '再显示',
  'quarantine.title': '无法使用的消息',
  'quarantine.none': '没有',
  'quarantine.hint': '最近 20 条，新的在前；请对照数据源的映射配置修正。',
  'gaps.title': '数据缺口',
  'gaps.filled': '已从源历史补回 {n} 个值',
  'gaps.open': '缺口自 {time} 起',
};

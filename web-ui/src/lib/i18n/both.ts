/** What everybody at the panel must understand stands in both languages, also when nothing can be asked of the gateway any more. */

export const BOTH = {
  'entrance.lost': { zh: '登录已结束，画面已停止', en: 'The session is over and the page has stopped' },
  'link.lost_title': { zh: '与网关失去连接', en: 'No connection to the gateway' },
} as const;

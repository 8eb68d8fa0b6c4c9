import { describe, expect, it } from 'vitest';
import { fill } from '../src/lib/i18n/fill.ts';
import { zh } from '../src/lib/i18n/zh/index.ts';
import { said, SHAPES } from '../src/lib/reasons.ts';

const chinese = (text: string) => said(text, (key, values) => fill(zh[key], values));
const sources = Object.values(import.meta.glob<string>('../../edge/{field,uplink,core,service}/src/**/*.rs', { query: '?raw', import: 'default', eager: true })).join('\n').replace(/\\\n\s*/g, '');

describe('what connectors say', () => {
  it.each([
    ['no connection to 127.0.0.1:502: refused, nothing listens there; check the port and whether the server runs', '连接不到 127.0.0.1:502：连接被拒绝，该端口无程序监听；请检查端口及服务端是否运行'],
    ['opc.tcp://10.0.0.7:4840/: the server ended a subscription: timed out; the server is too slow or hangs (BadTimeout)', 'opc.tcp://10.0.0.7:4840/：服务器结束了订阅：超时；服务器过慢或停止响应（BadTimeout）'],
    ['10.0.0.9:502: no unit answers within 1000 ms; check the unit ids, the line and the timeout', '10.0.0.9:502：1000 毫秒内没有任何从站应答；请检查站号、线路和超时设置'],
    ['no connection to the broker edge:1883: the other side closed the connection', '连接不到消息代理 edge:1883：对方关闭了连接'],
    ['the broker 127.0.0.1:1884 acknowledges', '消息代理 127.0.0.1:1884 正常确认'],
    ['the receiver https://hub/ingest fails (500: out of room)', '接收端 https://hub/ingest 出错（500）out of room'],
    ['queue size: 10 values', '队列 10 个值'],
    ["the server's certificate AB:CD:EF:01 (CN=DCS) is for dcs-1, 10.0.0.7 and not for 10.0.0.9, which this source connects to; write a host of the certificate in endpoint, renew it at the server, or, when this is that server beyond doubt, set certificate_host_check = false", '服务器证书（CN=DCS）属于 dcs-1, 10.0.0.7，而此数据源连接的是 10.0.0.9；请按证书中的主机填写地址，或在服务器上更新证书；确认就是该服务器时，可关闭“证书须为此主机”'],
    ["the server's certificate AB:CD (CN=DCS) is for urn:a, but the server calls itself urn:b; renew it at the server", '服务器证书（CN=DCS）属于 urn:a，而服务器自称 urn:b；请在服务器上更新证书'],
    ['opc.tcp://10.0.0.7:4840/: something that nobody has foreseen', 'opc.tcp://10.0.0.7:4840/：something that nobody has foreseen'],
    ['its proof that it alarms fails: no alarm is raised by a value beyond its limit', '没有通过报警自检：数值越限而没有报警'],
    ['something that nobody has foreseen', 'something that nobody has foreseen'],
  ])('%s', (text, words) => {
    expect(chinese(text)).toBe(words);
  });

  it('is said by the connectors as it is listed here', () => {
    expect(sources.length).toBeGreaterThan(100_000);
    const strange = SHAPES.map(([shape]) => longest(shape.source)).filter((words) => !sources.includes(words));
    expect(strange).toEqual([]);
    expect(SHAPES.filter(([shape]) => longest(shape.source) === '').length).toBeLessThan(3);
  });
});

/** The longest run of plain words in a shape; empty where it has none. */
function longest(shape: string): string {
  const runs = shape.replace(/^\^|\$$/g, '').replace(/\\[Sdw]\+?/g, '\0').replace(/\(\?<\w+>/g, '\0').replace(/\\(.)/g, '$1').split(/[\0()|?*+[\]]/);
  return runs.map((run) => run.replace(/^\W+|\W+$/g, '')).reduce((best, run) => (/^[a-z' ,;:-]{4,}$/i.test(run) && run.length > best.length ? run : best), '');
}

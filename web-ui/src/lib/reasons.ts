/**
 * What connectors say of their connections, on the Chinese page. It travels as English sentences; the shapes that are known are
 * listed here once and said in Chinese, and any other stands as it came. Pure.
 */

import type { Key } from './i18n/index.svelte.ts';

/** A shape of a sentence: its named parts are the places of the text; a part called `cause` is a sentence itself. */
export type Shape = readonly [RegExp, Key];

export const SHAPES: readonly Shape[] = [
  // TCP, common to all connectors.
  [/^no connection to the broker (?<place>\S+): (?<cause>.+)$/, 'why.no_broker'],
  [/^no connection to (?<place>\S+): timed out after (?<ms>\d+) ms; check the address, cabling and firewall$/, 'why.too_late'],
  [/^no connection to (?<place>\S+): (?<cause>.+)$/, 'why.no_connection'],
  [/^refused, nothing listens there; check the port and whether the server runs$/, 'why.refused'],
  [/^timed out; check the address, cabling and firewall$/, 'why.timed_out'],
  [/^unreachable \((?<error>.+)\); check the network settings of this box$/, 'why.unreachable'],
  [/^the other side closed the connection$/, 'why.closed'],
  [/^connecting$/, 'why.connecting'],
  // OPC UA.
  [/^(?<place>\S+) does not answer within (?<s>\d+) s$/, 'why.no_answer'],
  [/^no session within (?<s>\d+) s$/, 'why.no_session'],
  [/^subscription (?<id>\d+) has been silent for (?<s>\d+) s$/, 'why.subscription_silent'],
  [/^the server ended a subscription: (?<cause>.+)$/, 'why.subscription_ended'],
  [/^timed out; the server is too slow or hangs \((?<status>\w+)\)$/, 'why.server_slow'],
  [/^the server closed the connection \((?<status>\w+)\)$/, 'why.server_closed'],
  [/^the server says that it does not run(?:: | \()(?<state>\w+)\)?$/, 'why.server_halted'],
  [/^the server refuses a connection without security; allow it there, or configure the source's security \((?<status>\w+)\)$/, 'why.insecure_refused'],
  [/^the server has no free session; close unused clients or raise its limit \((?<status>\w+)\)$/, 'why.sessions_full'],
  [/^the server's certificate is not trusted: SHA-256 (?<sha>[^,]+), (?<subject>.+), valid until (?<until>\S+); compare .*$/, 'why.untrusted'],
  [/^the server's certificate \S+ \((?<subject>.+)\) expired on (?<at>\S+), (?<gone>.+) ago; .*$/, 'why.expired'],
  [/^the server's certificate \S+ \((?<subject>.+)\) is valid only from (?<at>\S+), in (?<left>.+); .*$/, 'why.not_yet_valid'],
  [/^the server's certificate \S+ \((?<subject>.+)\) has an RSA key of (?<bits>\d+) bits, which the policy does not allow; .*$/, 'why.short_key'],
  [/^the server's certificate \S+ \((?<subject>.+)\) is for (?<hosts>.+) and not for (?<host>\S+), which this source connects to; .*$/, 'why.other_host'],
  [/^the server's certificate \S+ \((?<subject>.+)\) is for (?<uris>.+), but the server calls itself (?<uri>\S+); .*$/, 'why.other_application'],
  [/^changes to (?<place>\S+), whose service level is (?<level>\d+)$/, 'why.changes_server'],
  // Modbus.
  [/^no unit answers within (?<ms>\d+) ms; check the unit ids, the line and the timeout$/, 'why.no_unit'],
  [/^no device has connected to (?<place>\S+) within (?<ms>\d+) ms; check the device's address of the gateway and the firewall(?:; refused: (?<refused>.+))?$/, 'why.no_device'],
  [/^there is no such device; check the path and that the adapter is plugged in \((?<error>.+)\)$/, 'why.no_serial'],
  // Brokers and receivers.
  [/^the broker (?<place>\S+) refuses this user or password; check user and password of the (?:source|uplink)$/, 'why.broker_user'],
  [/^the broker (?<place>\S+) refuses the client id; give the (?:source|uplink) another client_id$/, 'why.broker_client'],
  [/^the broker (?<place>\S+) does not answer any more; check the network and the broker$/, 'why.broker_silent'],
  [/^the broker (?<place>\S+) is being stopped(?: \((?<said>.+)\))?$/, 'why.broker_stopping'],
  [/^the broker has acknowledged nothing for (?<s>\d+) s while messages wait; it hangs or is overloaded$/, 'why.broker_stuck'],
  [/^the broker has not accepted the connection within (?<s>\d+) s$/, 'why.broker_late'],
  [/^the broker (?<place>\S+) acknowledges$/, 'why.broker_acknowledges'],
  [/^the receiver (?<place>\S+) takes what is sent$/, 'why.receiver_takes'],
  [/^the receiver (?<place>\S+) has not answered within (?<ms>\d+) ms; it hangs, is overloaded, or cannot be reached$/, 'why.receiver_late'],
  [/^the receiver (?<place>\S+) fails \((?<status>\d+)(?:: (?<said>.+))?\)$/, 'why.receiver_fails'],
  [/^the receiver (?<place>\S+) takes nothing now \((?<status>\d+)(?:: (?<said>.+))?\)$/, 'why.receiver_busy'],
  [/^the receiver (?<place>\S+) asks to wait (?<s>\d+) s \((?<status>\d+)\)$/, 'why.receiver_waits'],
  [/^the receiver (?<place>\S+) does not let this gateway in \((?<status>\d+)(?:: (?<said>.+))?\); check token and client certificate of the uplink$/, 'why.receiver_forbids'],
  [/^no answer from the receiver (?<place>\S+): (?<error>.+), nothing listens there; check the port and whether the receiver runs$/, 'why.receiver_refused'],
  [/^no answer from the receiver (?<place>\S+): (?<error>.+); check the address, the network settings of this box and the firewall$/, 'why.receiver_unreachable'],
  [/^no reason was given$/, 'why.no_reason'],
  // Messages of the field side that could not be used.
  [/^no (?<what>[\w ]+) at (?<at>\S+) of the message$/, 'why.missing_field'],
  [/^no (?<what>[\w ]+) at level (?<level>\d+) of the topic$/, 'why.missing_level'],
  [/^the (?<what>[\w ]+) is empty$/, 'why.empty_field'],
  [/^not JSON: (?<error>.+)$/, 'why.not_json'],
  [/^no position, from which the zone is found$/, 'why.no_position'],
  [/^card (?<card>\S+) is carried by (?<person>.+), people\.csv gives it to (?<listed>.+)$/, 'why.card_elsewhere'],
  [/^card (?<name>\S+)$/, 'why.unknown_card'],
  [/^camera (?<name>\S+)$/, 'why.unknown_camera'],
  [/^zone (?<name>\S+)$/, 'why.unknown_zone'],
  [/^person (?<name>\S+)$/, 'why.unknown_person'],
  [/^unit (?<name>\S+)$/, 'why.unknown_unit'],
  // The gateway itself, and what it notes of a source that is up.
  [/^filled from the source's history$/, 'why.filled'],
  [/^(?<n>\d+) journal rows were given up because the disk could not be written$/, 'why.given_up'],
  [/^rows (?<first>\d+) to (?<last>\d+) of the journal were deleted before every uplink had them, because it was full$/, 'why.deleted'],
  [/^nodes: (?<n>\d+), subscriptions: (?<m>\d+)$/, 'why.note_nodes'],
  [/^publishing interval: (?<ms>\d+) ms(?:, (?<asked>\d+) asked for)?$/, 'why.note_publishing'],
  [/^sampling interval: (?<ms>\d+) ms(?:, (?<asked>\d+) asked for)?$/, 'why.note_sampling'],
  [/^queue size: (?<n>\d+) values(?:, (?<asked>\d+) asked for)?$/, 'why.note_queue'],
  [/^poll: (?<ms>\d+) ms of (?<period>\d+) ms, (?<n>\d+) requests$/, 'why.note_poll'],
  [/^topics: (?<topics>.+)$/, 'why.note_topics'],
  [/^gap from (?<from>\S+) to (?<until>\S+): (?<n>\d+) values from the server's history(?<more>.*)$/, 'why.note_filled'],
  [/^davy is stopping$/, 'why.stopping'],
  [/^Kafka (?<place>\S+) acknowledges$/, 'why.kafka_acknowledges'],
  [/^Kafka (?<place>\S+) does not acknowledge what is sent to (?<topic>\S+): (?<said>.+)$/, 'why.kafka_silent'],
  [/^no answer from Kafka (?<place>\S+): (?<cause>.+)$/, 'why.kafka_no_answer'],
  [/^alarm conditions: (?<n>\d+)$/, 'why.note_conditions'],
  [/^(?<n>\d+) alarm conditions without an instance in the server's address space; .+$/, 'why.note_blind'],
  [/^events kept by the server: (?<n>\d+), (?<asked>\d+) asked for$/, 'why.note_events'],
  [/^(?<n>\d+) times events may have been lost; the states were read instead$/, 'why.note_events_lost'],
  [/^(?<n>\d+) nodes without the filter asked for, which the server does not take$/, 'why.note_unfiltered'],
  [/^(?<n>\d+) nodes refused by the server$/, 'why.note_refused'],
  [/^service level: (?<n>\d+), degraded below (?<least>\d+)$/, 'why.note_level'],
  [/^the server has changed its namespaces: (?<moved>.+); write addresses with nsu=$/, 'why.note_namespaces'],
  [/^(?<n>\d+) values marked as the first after an overflow of the server's queue; .+$/, 'why.note_overflow'],
  [/^(?<n>\d+) notifications sent again by the server$/, 'why.note_republished'],
  [/^(?<n>\d+) notifications lost; the values were read instead$/, 'why.note_lost'],
  [/^(?<n>\d+) nodes that bring no value by subscription and are read instead$/, 'why.note_silent'],
  [/^this gateway's own certificate (?:expires|expired) (?<when>.+), on (?<at>\S+); renew it$/, 'why.note_own_certificate'],
  [/^the server's certificate (?:expires|expired) (?<when>.+), on (?<at>\S+); renew it$/, 'why.note_server_certificate'],
  [/^connected: (?<place>\S+)$/, 'why.note_connected'],
  // How the trial of a release ended.
  [/^it alarms; (?<n>\d+) alarms stood before and stand, (?<m>\d+) sources are connected again; nobody evaluated alarms for (?<gap>\d+) ms and the field was not heard for (?<unheard>\d+) ms at most$/, 'why.update_alarms'],
  [/^it has said nothing for (?<s>\d+) s$/, 'why.update_silent'],
  [/^it has not shown within (?<s>\d+) s that it alarms$/, 'why.update_late'],
  [/^it ended before it was confirmed: (?<status>.+)$/, 'why.update_ended'],
  [/^it was not confirmed: it was killed, or the power went: (?<version>\S+) was started (?<n>\d+) times$/, 'why.update_cut'],
  [/^its proof that it alarms fails: (?<cause>.+)$/, 'why.update_proof'],
  [/^no alarm is raised by a value beyond its limit$/, 'why.update_no_alarm'],
  [/^alarms that stood are missing: (?<alarms>.+)$/, 'why.update_missing'],
  [/^what happens does not reach the disk: (?<error>.+)$/, 'why.update_disk'],
  [/^the page at (?<place>\S+) does not (?:answer|say that it lives)(?:: (?<error>.+))?$/, 'why.update_page'],
  // Last, because it takes anything: where, and then what.
  [/^(?<place>(?:opc\.tcp:\/\/|https?:\/\/)?[\w.[\]-]+:\d+\S*): (?<cause>.+)$/, 'why.at'],
];

/** The sentence as `say` says it; the text itself where its shape is not known. */
export function said(text: string, say: (key: Key, values: Record<string, string>) => string): string {
  for (const [shape, key] of SHAPES) {
    const found = shape.exec(text);
    if (found === null) continue;
    const values = Object.entries(found.groups ?? {}).map(([name, part = '']) => [name, name === 'cause' ? said(part, say) : part] as const);
    return say(key, Object.fromEntries(values));
  }
  return text;
}

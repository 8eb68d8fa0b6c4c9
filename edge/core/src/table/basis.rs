//! Where the numbers of a kind of rule come from when the configuration leaves them out.

/// The standards and their clauses by the published name of the kind; empty where there is none and the numbers are
/// engineering defaults.
pub(super) fn of(rule_kind: &str) -> &'static str {
    match rule_kind {
        // Of the deadband and of the priority; the limits are the process's own.
        "limit_hh" | "limit_h" | "limit_l" | "limit_ll" => "ISA-18.2, EEMUA 191",
        "gas_combustible_l1"
        | "gas_combustible_l2"
        | "gas_toxic_l1"
        | "gas_toxic_l2"
        | "gas_oxygen_deficiency"
        | "gas_oxygen_enrichment"
        | "gas_open_path_l1"
        | "gas_open_path_l2" => "GB/T 50493-2019, 5.5.2",
        "out_of_range" => "NAMUR NE 43",
        "sos" | "zone_breach" => "AQ 3064.3-2025",
        "gathering" => "AQ 3064.3-2025, 5.2.3",
        "ticket_gas_missing" => "AQ 3064.2-2025, 5.4.3",
        "ticket_gas_overdue" | "ticket_interruption" | "ticket_next_day" => "GB 30871-2022, 5.3, 6.3",
        "ticket_record_overdue" => "GB 30871-2022, 6.5",
        "ticket_expired" | "ticket_expired_people" => "AQ 3064.2-2025, 5.9.5",
        "ticket_blind_plate" => "AQ 3064.2-2025, 5.4.4",
        "ticket_gas_over_limit" => "GB 30871-2022, 5.3.2, 6.3",
        "hot_work_gas_alarm" | "hot_work_gas" => "AQ 3064.2-2025, 5.10.5",
        "flood" | "chattering" => "EEMUA 191",
        "standing" => "EEMUA 191, ISA-18.2",
        _ => "",
    }
}

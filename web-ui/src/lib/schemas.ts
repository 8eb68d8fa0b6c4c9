/** Made from docs/schemas/openapi.json by `npm run types`; not to be edited. */

export interface components {
  schemas: {
    Accept: {
      attachments?: components['schemas']["Reference"][];
      by?: string;
    };
    /** @enum {string} */
    AccessRole: "viewer" | "operator" | "instrument_engineer" | "safety_officer" | "administrator";
    AddToken: {
      by?: string;
      /** @description Ends after so many days; without it when it is removed */
      days?: number | null;
      name: string;
      /** @description From where it may be shown, as `10.1.2.3` or `10.1.2.0/24`; from anywhere where none is named */
      networks?: string[];
      reason?: string;
      role: components['schemas']["AccessRole"];
      /** @description What of its role it may; all of it where none is named */
      scopes?: components['schemas']["Permission"][];
    };
    AddUser: {
      by?: string;
      name: string;
      password: string;
      reason?: string;
      role: components['schemas']["AccessRole"];
    };
    /** @description What a value was held against, beside a limit. */
    Against: {
      /** @constant */
      by: "rate";
      /**
       * Format: double
       * @description How fast it may change, engineering units a minute.
       */
      most_per_minute: number;
      /**
       * Format: double
       * @description How fast it changes, engineering units a minute, negative when it falls.
       */
      per_minute?: number | null;
    } | {
      /**
       * Format: uint64
       * @description For so long, milliseconds.
       */
      after_ms: number;
      /** @constant */
      by: "rest";
      /**
       * Format: double
       * @description Moving by no more than this is no movement, in the tag's engineering unit.
       */
      dead_zone: number;
    } | {
      /** @constant */
      by: "range";
      /**
       * Format: double
       * @description To.
       */
      high: number;
      /**
       * Format: double
       * @description From.
       */
      low: number;
    } | {
      /** @constant */
      by: "state";
      /** @description True when any other state than this one was looked for. */
      differs: boolean;
      /**
       * Format: int32
       * @description The state.
       */
      state: number;
      /** @description What the state is called; empty where it has no word. */
      state_word: string;
      /** @description What the value is called; empty where it has no word. */
      word: string;
    } | {
      /** @constant */
      by: "forecast";
      /**
       * Format: double
       * @description How many minutes it will take to reach the limit.
       */
      minutes_left: number;
      /**
       * Format: double
       * @description How fast it changes, engineering units a minute, negative when it falls.
       */
      per_minute: number;
    };
    /** @description One occurrence of an alarm: `{rule}~{epoch}.{n}`. */
    AlarmId: string;
    /** @description An alarm 报警. */
    AlarmRecord: {
      /** @description When it was acknowledged. */
      acknowledged_at?: components['schemas']["UtcTime"] | null;
      /** @description By whom. */
      acknowledged_by?: string | null;
      /** @description The configuration it was derived under. */
      config_version: string;
      /** @description Why it ended, where that was not a return to normal: `rule removed`, `annunciated anew`. */
      ended_because?: string | null;
      /**
       * @description Whether it is the first out of its group: it was raised while no other alarm of the group was shown.
       * @default false
       */
      first_out: boolean;
      /**
       * @description The first out of its group, where that is another alarm.
       * @default null
       */
      first_out_alarm: components['schemas']["AlarmId"] | null;
      /**
       * @description Its first-out group 首出组.
       * @default null
       */
      first_out_group: components['schemas']["FirstOutId"] | null;
      /** @description What to do. */
      guidance: string;
      /**
       * @description What hides it now. When that is over and the condition still holds, a new occurrence is raised.
       * @default []
       */
      hidden_because: components['schemas']["Hiding"][];
      /** @description The occurrence. */
      id: components['schemas']["AlarmId"];
      /** @description Whether the rule's inputs are usable now; an active alarm whose inputs went bad stays active. */
      inputs_known: boolean;
      /**
       * @description Whether a zone breach has lasted for so long that it is an event to be recorded (AQ 3064.3-2025: 30 s).
       * @default false
       */
      lasting: boolean;
      /**
       * @description Whether it stays after its return until a person resets it.
       * @default false
       */
      latched: boolean;
      /** @description When it was raised last; later than `raised_at` when it came back before anyone acknowledged. */
      latest_raised_at: components['schemas']["UtcTime"];
      /** @description The measure it is the evidence of. */
      measure?: components['schemas']["MeasureId"] | null;
      /** @description The words of the alarm. */
      name: string;
      /**
       * @description Whether lives hang on it: its rule is never shelved, suppressed or taken out of service, and it is shown on top.
       * @default false
       */
      never_hidden: boolean;
      /** @description How fast someone must act. */
      priority: components['schemas']["Priority"];
      /** @description When it was first raised. */
      raised_at: components['schemas']["UtcTime"];
      /**
       * Format: uint32
       * @description How often it was raised within this occurrence; 0 for one that began hidden and has never annunciated.
       */
      raised_count: number;
      /**
       * @description When it was reset.
       * @default null
       */
      reset_at: components['schemas']["UtcTime"] | null;
      /**
       * @description By whom.
       * @default null
       */
      reset_by: string | null;
      /** @description When the condition went. */
      returned_at?: components['schemas']["UtcTime"] | null;
      /** @description The risk event it is folded into. */
      risk_event?: components['schemas']["RiskEventId"] | null;
      /** @description The rule. */
      rule: components['schemas']["RuleId"];
      /** @description The kind of the rule, `limit_hh`, `sos`, …. */
      rule_kind: string;
      /** @description Its state. */
      state: components['schemas']["AlarmState"];
      /** @description What was observed when it was raised last. */
      trigger: components['schemas']["Trigger"];
      /** @description The unit. */
      unit?: components['schemas']["UnitId"] | null;
    };
    /**
     * @description The state of an alarm in the words of ISA-18.2 / IEC 62682 (GB/T 41261), derived from facts that are kept apart: the
     *   condition, the acknowledgement, the latch, and what hides it.
     */
    AlarmState: "unacknowledged" | "acknowledged" | "returned_unacknowledged" | "latched_unacknowledged" | "latched_acknowledged" | "shelved" | "suppressed" | "out_of_service" | "normal";
    ApplyConfiguration: {
      /** @description The version in force to which the edits are made */
      base: string;
      by?: string;
      edits: components['schemas']["ConfigEdit"][];
      /** @description Why, on one line */
      reason: string;
    };
    AskWhatIf: {
      /** @description The version in force to which the edits are made */
      base: string;
      by?: string;
      edits: components['schemas']["ConfigEdit"][];
      /** Format: date-time */
      from?: string | null;
      /** Format: date-time */
      to?: string | null;
    };
    Attach: {
      attachment: components['schemas']["Reference"];
      by?: string;
    };
    /** @description A note or a photo that belongs to a task, by reference: no bytes are kept here. */
    Attachment: {
      /** @description When. */
      at: components['schemas']["UtcTime"];
      /** @description Who attached it. */
      by: string;
      /** @description What it is, `image/jpeg`. */
      media_type: string;
      /**
       * @description SHA-256 of its bytes, 64 hexadecimal digits, where it is known.
       * @default null
       */
      sha256: string | null;
      /** @description Where it is, or its id in the system that keeps it. */
      uri: string;
    };
    /** @description Somebody asked for something. */
    AuditRecord: {
      /**
       * @description What: `acknowledge_alarm`, `silence_horn`, `accept_task`, `finish_task`, `cancel_task`, `add_attachment`, `review_hazard`, `reset_alarm`, `shelve_alarm`,
       *   `unshelve_alarm`, `shelve_rule`, `unshelve_rule`, `take_out_of_service`, `return_to_service`, `stop_unit`,
       *   `resume_unit`, `retry_parked`; of certificates `trust_certificate`, `reject_certificate`, `remove_certificate`,
       *   `renew_certificate`; of users and sessions `log_in`, `log_in_failed`, `lock_out`, `log_out`, `set_up`, `add_user`,
       *   `change_role`, `change_password`, `remove_user`, `add_token`, `remove_token`, `edit_access`; of the gateway itself
       *   `apply_configuration`, `roll_back_configuration`, `check_loop`, `test_board`, `take_backup`, `make_support_bundle`,
       *   `power_fail`, `receive_update`, `refuse_update`, `install_update`, `try_update`, `confirm_update`, `roll_back_update`;
       *   `note_unauthenticated` for commands of nobody known; of the enterprise platform's commands also
       *   `take_ticket`, `replace_risk_model`, and `refuse_command` for one that came to nothing before it was looked at.
       */
      action: string;
      /** @description What it is after. */
      after?: string | null;
      /** @description When. */
      at: components['schemas']["UtcTime"];
      /** @description What the object was before, such as a user's role; absent where nothing is changed from something. */
      before?: string | null;
      /** @description Who. */
      by: string;
      /** @description The command of the enterprise platform that this answers; absent when a person on site asked. */
      command?: components['schemas']["CommandRecord"] | null;
      /** @description The configuration in force. */
      config_version: string;
      /** @description In words. */
      note: string;
      /** @description On which object; absent for the horn. */
      object?: string | null;
      /** @description Why it was refused; absent when it was done. */
      refused?: string | null;
    };
    /** @description What is done to a blind plate. */
    BlindPlate: "insert" | "remove" | "both";
    BoardTest: {
      by?: string;
      /** @description Each output by name, on or off; what is not named stays as it is. An output that shows an alarm cannot be switched off */
      outputs: {
        [key: string]: boolean;
      };
      /** @description Then everything is normal again, and earlier when there is anything new to show */
      seconds: number;
    };
    /** @description A rule of a bypassed measure. */
    BypassedRule: {
      /** @description Why. */
      hidden_because: components['schemas']["Hiding"][];
      /** @description The rule. */
      rule: components['schemas']["RuleId"];
    };
    /** @description A camera 摄像机. */
    CameraId: string;
    Cancel: {
      by?: string;
      reason: string;
    };
    /** @description When a certificate of the field side ends. */
    CertificateEnd: {
      /**
       * Format: int64
       * @description Seconds left when it was looked at; negative once it is over.
       */
      left_s: number;
      /** @description Valid until. */
      not_after: components['schemas']["UtcTime"];
      /** @description SHA-256 of it, 64 hexadecimal digits. */
      sha256: string;
      /** @description The source whose server shows it; absent for the gateway's own. */
      source?: components['schemas']["SourceId"] | null;
      /** @description Whom it is for. */
      subject: string;
    };
    CertificateView: {
      /** Format: date-time */
      decided_at: string | null;
      decided_by: string | null;
      endpoint: string | null;
      hosts: string[];
      issuer: string;
      key_bits: number;
      /** Format: date-time */
      not_after: string;
      /** Format: date-time */
      not_before: string;
      /** Format: date-time */
      seen_at: string | null;
      sha1: string;
      sha256: string;
      source: string | null;
      /** @enum {string} */
      standing: "own" | "trusted" | "rejected";
      subject: string;
      uris: string[];
    };
    /** @description Who changed a configuration, and why (management of change 变更管理). */
    Change: {
      /** @description Who. */
      author: string;
      /** @description When, a date such as `2026-11-23`. */
      date: string;
      /** @description Why. */
      reason: string;
      /** @description The enterprise's own version or the number of its change form, where it has one. */
      version?: string | null;
    };
    /** @description How many rules a configuration has and has changed. */
    ChangeCounts: {
      /**
       * Format: uint32
       * @description Rules that are new.
       */
      added: number;
      /**
       * Format: uint32
       * @description Rules with other parameters.
       */
      changed: number;
      /**
       * Format: uint32
       * @description Of those, how many are told at the next start, because `limits::CHANGES_MAX` were told at this one.
       */
      later: number;
      /**
       * Format: uint32
       * @description Rules that are gone.
       */
      removed: number;
      /**
       * Format: uint32
       * @description Rules there are.
       */
      rules: number;
    };
    ChangePassword: {
      by?: string;
      password: string;
      reason?: string;
    };
    /** @description A row of the history of the master alarm table. */
    ChangeRecord: {
      /** @description When the gateway started with it. */
      at: components['schemas']["UtcTime"];
      /** @description What it is about. */
      change: components['schemas']["TableChange"];
      /** @description The configuration in force. */
      config_version: string;
      /** @description How many rules; only of the whole table. */
      counts?: components['schemas']["ChangeCounts"] | null;
      /** @description What differs, in the order of the fields; empty for the whole table. */
      fields: components['schemas']["FieldChange"][];
      /** @description The words of its alarm; of the whole table and of the policy the gateway's name. */
      name: string;
      /** @description The configuration that was in force before; absent at the first start. */
      previous_version?: string | null;
      /** @description The rule; absent for the whole table and for the policy. */
      rule?: components['schemas']["RuleId"] | null;
      /**
       * @description Who changed it and why, as the configuration says; absent where it does not say, and where nothing of it was changed
       *   and the difference comes from another version of the program.
       */
      stated?: components['schemas']["Change"] | null;
      /** @description Whether `stated` is what the configuration before said already: then nobody has said why it was changed. */
      stated_before: boolean;
      /** @description The unit of the rule. */
      unit?: components['schemas']["UnitId"] | null;
    };
    ChangeRole: {
      by?: string;
      reason?: string;
      role: components['schemas']["AccessRole"];
    };
    CheckLoop: {
      by?: string;
      /** @description Needed where the result is `fail` */
      note?: string;
      points?: components['schemas']["LoopPoint"][];
      result: components['schemas']["LoopResult"];
    };
    /** @description The wall clock, as the operating system judges it. */
    ClockState: {
      /**
       * Format: int64
       * @description How far it is off, in milliseconds, ahead as positive; absent when nobody measures it.
       */
      offset_ms?: number | null;
      /** @description Whether a time service sets it; absent when the operating system does not say. */
      synchronised?: boolean | null;
    };
    /** @description What came of a command. */
    CommandOutcome: "done" | "refused" | "invalid";
    /** @description A signed command of the enterprise platform, by which journal, receipt and platform are joined. */
    CommandRecord: {
      /** @description What changed, or all that is wrong; often empty. */
      details: string[];
      /** @description Its own id, the claim `jti`. */
      id: string;
      /** @description When the platform says that it made it, the claim `iat`. */
      issued: components['schemas']["UtcTime"];
      /** @description The key by which it was signed. */
      key: string;
      /** @description The kind by which it was asked. */
      kind: string;
      /** @description What came of it. */
      outcome: components['schemas']["CommandOutcome"];
      /** @description SHA-256 of what was asked, 64 hexadecimal digits. */
      sha256: string;
    };
    /** @description A part of a compound rule's expression. */
    CompoundPart: {
      /** @description Whether it was active. */
      active: boolean;
      /** @description Whether its inputs could be used, or had said anything. */
      known: boolean;
      /** @description The words of its alarm. */
      name: string;
      /** @constant */
      part: "rule";
      /** @description The rule. */
      rule: components['schemas']["RuleId"];
    } | (components['schemas']["PairedValue"] & {
      /** @constant */
      part: "tag";
    }) | {
      /** @description The zone's name. */
      name: string;
      /** @constant */
      part: "zone";
      /** @description Who they were, at most `limits::PEOPLE_NAMED_MAX`. */
      people: components['schemas']["PersonRef"][];
      /**
       * Format: uint32
       * @description How many were in it.
       */
      people_count: number;
      /** @description The zone. */
      zone: components['schemas']["ZoneId"];
    };
    ConfigChecked: {
      changes: string[];
      coverage: components['schemas']["Finding"][];
      differences: components['schemas']["FileDifference"][];
      errors: components['schemas']["Finding"][];
      restart: string[];
      version: string;
    };
    ConfigEdit: {
      /** @constant */
      edit: "file";
      name: string;
      text: string | null;
    } | {
      /** @constant */
      edit: "points";
      removed?: string[];
      rows?: {
        [key: string]: string;
      }[];
    } | {
      base64: string;
      /** @constant */
      edit: "import";
      /** @default false */
      merge: boolean;
      name: string;
    } | {
      allow?: string[];
      baud?: number | null;
      ca_file?: string | null;
      certificate_host_check?: boolean | null;
      certificate_time_check?: boolean | null;
      client_certificate_file?: string | null;
      client_key_file?: string | null;
      /** @constant */
      edit: "add_source";
      id: string;
      location?: string | null;
      name?: string | null;
      /** @enum {string|null} */
      parity?: "none" | "even" | "odd" | null;
      /** @description Kept in a file of its own in the configuration folder when it is applied; never given out */
      password?: string | null;
      password_file?: string | null;
      registration?: string | null;
      security?: string | null;
      security_mode?: string | null;
      stop_bits?: number | null;
      ticket?: string | null;
      url: string;
      user?: string | null;
      user_certificate_file?: string | null;
      user_key_file?: string | null;
      video?: string | null;
    } | {
      /** @constant */
      edit: "set_source";
      id: string;
      keys?: {
        [key: string]: string;
      };
      /** @description Kept in a file of its own in the configuration folder when it is applied; never given out */
      password?: string | null;
    } | {
      /** @constant */
      edit: "remove_source";
      id: string;
    };
    ConfigFiles: {
      differences: components['schemas']["FileDifference"][];
      files: {
        [key: string]: string;
      };
      number: number | null;
      others: string[];
      version: string;
    };
    /** @enum {string} */
    ConfigHow: "start" | "page" | "console" | "platform" | "rollback";
    ConfigState: {
      /** Format: date-time */
      applied_at: string;
      by: string | null;
      findings: components['schemas']["Finding"][];
      /** @enum {string} */
      folder: "in_force" | "edited" | "unusable";
      folder_detail: string;
      how: components['schemas']["ConfigHow"];
      number: number | null;
      reason: string | null;
      version: string;
    };
    ConfigVersion: {
      /** Format: date-time */
      at: string;
      back_to: number | null;
      by: string | null;
      changes: string[];
      how: components['schemas']["ConfigHow"];
      in_force: boolean;
      number: number;
      reason: string | null;
      version: string;
    };
    /** @description A configuration. */
    ConfigurationSeen: {
      /** @description Its version. */
      config_version: string;
      /** @description When a record first names it, within the time or as what was in force before. */
      first_seen: components['schemas']["UtcTime"];
    };
    Confirm: {
      password: string;
    };
    Coverage: {
      automatic: number;
      measures: number;
      watched: number;
    };
    /** @description 隐患等级, national `dangerLevel`. There is no national level 较大 for hazards. */
    DangerLevel: "general" | "major";
    DayFigures: {
      /** @description How often alarms were raised */
      alarms: number;
      /** @description The longest */
      clear_ms_max: number;
      /** @description 销警时长: from raising to the end of the condition, mean */
      clear_ms_mean: number | null;
      /** @description Alarms whose condition went */
      cleared: number;
      /** Format: date */
      date: string;
      /** @description 扰动率: share of the time in which at least one alarm was active */
      disturbance_rate: number | null;
      /** @description 重复报警: raisings of a rule after its first of the same local day */
      repeated_alarms: number;
      /** @description 及时率: of these, the share that was acknowledged within acknowledge_in_time of the configuration's policy */
      timeliness: number | null;
      /** @description Alarms that were acknowledged or should have been */
      to_acknowledge: number;
    };
    Document: Record<string, never>;
    /**
     * @description The evidence of a warning: what was measured before, during and after it, who was in the unit, what cameras saw, which
     *   tickets were in force, what was derived and what people did. Every list is bounded and says what it leaves out; what is
     *   missing, and why, is in `notes`.
     */
    EvidencePacket: {
      /** @description The states of the risk event's alarms: those that stood when the time begins, and every change. */
      alarms: components['schemas']["RowsOfAlarmRecord"];
      /** @description When the packet was put together. */
      assembled_at: components['schemas']["UtcTime"];
      /** @description What people did about any of these, and the silencing of the horn; refusals included. */
      audits: components['schemas']["RowsOfAuditRecord"];
      /** @description When it was closed; absent while it is open. */
      closed_at?: components['schemas']["UtcTime"] | null;
      /** @description The enterprise; absent when the recording does not reach back to the warning. */
      company_code?: string | null;
      /** @description The configurations in force within the time, in the order of their first appearance. */
      configurations: components['schemas']["ConfigurationSeen"][];
      /**
       * Format: uint32
       * @description The journal's epoch: with a row's `sequence` it is the row's identity.
       */
      epoch: number;
      /** @description `davy.evidence.v1`. */
      format: string;
      /** @description The time that it is about, from … */
      from: components['schemas']["UtcTime"];
      /** @description Data that is missing, of every source. */
      gaps: components['schemas']["RowsOfGapRecord"];
      /** @description The gateway; absent likewise. */
      gateway_id?: string | null;
      /** @description The warning's suspected hazards. */
      hazards: components['schemas']["RowsOfHazardRecord"];
      /** @description Which of the risk event's rules annunciated nothing. */
      hidden: components['schemas']["RowsOfHiddenRecord"];
      /** @description The risk event's measures: their states when the time begins, and every change. */
      measures: components['schemas']["RowsOfMeasureRecord"];
      /** @description What is missing and why, in words for a person. */
      notes: string[];
      /** @description Who was in the unit's zones, in the order of their entry. */
      people: components['schemas']["Stay"][];
      /**
       * Format: uint64
       * @description Stays beyond the limit.
       */
      people_left_out: number;
      /** @description The values of every tag that the risk event's rules look at. */
      samples: components['schemas']["TagSamples"][];
      /**
       * @description SHA-256, in 64 hexadecimal digits, over the document's text as it is with this field empty (`"sha256":""`) and without
       *   a line end.
       */
      sha256: string;
      /** @description What cameras saw in the unit's zones. */
      sights: components['schemas']["SightSeen"][];
      /**
       * Format: uint64
       * @description Sights beyond the limit.
       */
      sights_left_out: number;
      /** @description Starts of the gateway. */
      statuses: components['schemas']["RowsOfStatusRecord"];
      /** @description The warning's tasks. */
      tasks: components['schemas']["RowsOfTaskRecord"];
      /** @description The unit's special-work tickets: those not finished when the time begins, and every change. */
      tickets: components['schemas']["RowsOfTicketRecord"];
      /** @description The unit: its state when the time begins, and every change. */
      units: components['schemas']["RowsOfUnitRecord"];
      /** @description … to; the moment of assembly while the warning is open. */
      until: components['schemas']["UtcTime"];
      /** @description The warning as it was last. */
      warning: components['schemas']["WarningRecord"];
      /** @description The warning's states. */
      warnings: components['schemas']["RowsOfWarningRecord"];
    };
    /** @description A field that two rows do not share. */
    FieldChange: {
      /** @description The field of the row, or the parameter. */
      field: string;
      /** @description Before; absent where the rule or the field is new. */
      from?: components['schemas']["FieldValue"] | null;
      /** @description Now; absent where it is gone. */
      to?: components['schemas']["FieldValue"] | null;
    };
    /** @description A value of a row. */
    FieldValue: boolean | number | string;
    Figures: {
      alarms_active: {
        [key: string]: number;
      };
      alarms_unacknowledged: {
        [key: string]: number;
      };
      /** Format: date-time */
      at: string;
      hazards_open: {
        [key: string]: number;
      };
      indicators: components['schemas']["Indicators"];
      journal: {
        batches: number;
        head: number;
        rows: number;
        transactions: number;
      };
      measures: {
        [key: string]: number;
      };
      people_calling: number;
      people_located: number;
      rules_hidden: {
        [key: string]: number;
      };
      tags: {
        [key: string]: number;
      };
      tasks_open: number;
      tasks_overdue: number;
      units: {
        [key: string]: number;
      };
      warnings_open: {
        [key: string]: number;
      };
    };
    FileDifference: {
      file: string;
      lines: {
        line: number;
        /** @enum {string} */
        sign: " " | "+" | "-";
        text: string;
      }[];
      more: number;
    };
    Finding: {
      column: number;
      file: string;
      line: number;
      message: string;
    };
    Finish: {
      attachments?: components['schemas']["Reference"][];
      by?: string;
      note?: string;
      result: components['schemas']["TaskResult"];
    };
    /** @description A group of rules of which one is the first out 首出. */
    FirstOutId: string;
    /** @description A flood: it summarises and hides nothing. */
    FloodView: {
      /**
       * Format: uint32
       * @description Alarms since the first of it.
       */
      alarm_count: number;
      /** @description The first of them. */
      first_out: components['schemas']["RaisedRule"];
      /** @description Since when. */
      since: components['schemas']["UtcTime"];
      /** @description The first of the worst. */
      worst: components['schemas']["RaisedRule"];
    };
    /** @description Data is missing: a source was down, or this box was. */
    GapRecord: {
      /**
       * Format: uint64
       * @description Values of the source's own history that fill it, where they have been read; the times are then the source's own.
       * @default null
       */
      filled: number | null;
      /** @description From when. */
      from: components['schemas']["UtcTime"];
      /** @description Why. */
      reason: string;
      /** @description The source. */
      source: components['schemas']["SourceId"];
      /** @description Until when. */
      until: components['schemas']["UtcTime"];
    };
    /** @description A gas analysis 气体分析. */
    GasAnalysis: {
      /** @description The gas, in the ticket's own words. */
      gas: string;
      /** @description When the sample was taken; absent when the ticket does not say so readably. */
      time?: components['schemas']["UtcTime"] | null;
      /**
       * Format: double
       * @description In % vol; absent when it is no number.
       */
      value?: number | null;
    };
    /** @description What an inspection found, in the words of the person who did it. */
    HazardFinding: {
      /** @description When. */
      at: components['schemas']["UtcTime"];
      /** @description Who found it. */
      by: string;
      /** @description In words. */
      note: string;
      /** @description The task. */
      task: components['schemas']["TaskId"];
    };
    /** @description A suspected hazard: `{measure}~{epoch}.{n}`. */
    HazardId: string;
    /** @description Where a suspected hazard came from. */
    HazardOrigin: "measure_failure" | "task_finding";
    /** @description A suspected hazard 疑似隐患, for the enterprise to confirm. One is open for each unit, measure and rule at most. */
    HazardRecord: {
      /**
       * @description The alarm; absent for what a planned inspection found.
       * @default null
       */
      alarm: components['schemas']["AlarmId"] | null;
      /** @description The configuration it was derived under. */
      config_version: string;
      /**
       * @description 隐患等级 (national `dangerLevel`), as the person who confirmed it has it.
       * @default null
       */
      danger_level: components['schemas']["DangerLevel"] | null;
      /**
       * @description 整改期限 (national `dangerManageDeadline`), likewise.
       * @default null
       */
      deadline: components['schemas']["UtcTime"] | null;
      /**
       * @description What inspections found, oldest first, at most `limits::REASONS_MAX`.
       * @default []
       */
      findings: components['schemas']["HazardFinding"][];
      /** @description The hazard. */
      id: components['schemas']["HazardId"];
      /**
       * @description 整改责任人 (national `liablePerson`), likewise.
       * @default null
       */
      liable_person: string | null;
      /**
       * @description 治理类型 (national `dangerManageType`), likewise.
       * @default null
       */
      manage_type: components['schemas']["ManageType"] | null;
      /** @description The measure that failed. */
      measure: components['schemas']["MeasureId"];
      /** @description 隐患名称. */
      name: string;
      /** @description In words. */
      note: string;
      /** @description Where it came from. */
      origin: components['schemas']["HazardOrigin"];
      /**
       * Format: uint32
       * @description How often its cause came back while it waited.
       */
      recurrences: number;
      /** @description When a person decided last. */
      reviewed_at?: components['schemas']["UtcTime"] | null;
      /** @description Who. */
      reviewed_by?: string | null;
      /** @description The risk event. */
      risk_event: components['schemas']["RiskEventId"];
      /**
       * @description The rule; absent for what a planned inspection found.
       * @default null
       */
      rule: components['schemas']["RuleId"] | null;
      /** @description How far it has come. */
      state: components['schemas']["HazardState"];
      /** @description When it was suspected first. */
      suspected_at: components['schemas']["UtcTime"];
      /** @description The task that found it. */
      task?: components['schemas']["TaskId"] | null;
      /**
       * @description What was observed; absent for what a planned inspection found.
       * @default null
       */
      trigger: components['schemas']["Trigger"] | null;
      /** @description The unit. */
      unit: components['schemas']["UnitId"];
      /** @description The decision. */
      verdict?: components['schemas']["Verdict"] | null;
      /** @description The warning. */
      warning?: components['schemas']["WarningId"] | null;
    };
    /** @description How far a suspected hazard has come. Only people confirm, reject or close. */
    HazardState: "suspected" | "confirmed" | "rejected" | "closed";
    /** @description A rule that does not annunciate now, or does again: then `hidden_because` is empty. */
    HiddenRecord: {
      /** @description The configuration it was derived under. */
      config_version: string;
      /** @description Everything that hides it, each for itself; it annunciates again when all are gone. */
      hidden_because: components['schemas']["Hiding"][];
      /** @description The measure it is the evidence of, which is bypassed. */
      measure?: components['schemas']["MeasureId"] | null;
      /** @description The words of its alarm. */
      name: string;
      /** @description How fast someone would have to act. */
      priority: components['schemas']["Priority"];
      /** @description The rule. */
      rule: components['schemas']["RuleId"];
      /** @description The kind of the rule, `limit_hh`, `frozen`, …. */
      rule_kind: string;
      /** @description The unit. */
      unit?: components['schemas']["UnitId"] | null;
    };
    /** @description Why a rule is hidden. */
    Hiding: {
      /** @description Who asked for it; absent where a rule suppresses it. */
      by?: string | null;
      /** @description In which way. */
      kind: components['schemas']["HidingKind"];
      /**
       * @description Whether it ends earlier, when the alarm returns to normal: one-shot shelving (OPC UA Part 9, 5.8.10).
       * @default false
       */
      one_shot: boolean;
      /** @description In the words of whoever asked, or the name of the rule that suppresses it. */
      reason: string;
      /** @description Since when. */
      since: components['schemas']["UtcTime"];
      /** @description The rule that suppresses it. */
      suppressor?: components['schemas']["RuleId"] | null;
      /** @description Until when at the latest; absent where only a person or the suppressing rule ends it. */
      until?: components['schemas']["UtcTime"] | null;
    };
    /** @description A way in which a rule is hidden; the order says which one names the alarm's state. */
    HidingKind: "out_of_service" | "shelved" | "unit_stopped" | "suppressed_by_rule";
    HistoryGap: {
      /** Format: date-time */
      from: string;
      /** Format: date-time */
      until: string | null;
      /**
       * @description The source or the gateway was away, or the disk did not keep up
       * @enum {string}
       */
      why: "not_heard" | "not_recorded";
    };
    HistoryStep: {
      bad: number;
      count: number;
      first: number | null;
      /** Format: date-time */
      from: string;
      gap: boolean;
      last: number | null;
      max: number | null;
      min: number | null;
    };
    HistoryValue: {
      /**
       * @description Whose time it is: the source's own, the gateway's where the source gave none that can be believed, or that of the source's history, by which a gap was filled
       * @enum {string}
       */
      origin: "source" | "gateway" | "source_history";
      quality: number;
      /** Format: date-time */
      received_time: string;
      /** Format: date-time */
      time: string;
      value: number | null;
    };
    Indicators: {
      by_day: components['schemas']["DayFigures"][];
      /** @description Whether the whole journal has been counted; after a start that takes a while */
      complete: boolean;
      days: number;
      /** @description Worst effective share first */
      measures: components['schemas']["MeasureFigures"][];
      /** Format: date-time */
      since: string;
      site: components['schemas']["ScopeFigures"];
      units: components['schemas']["UnitFigures"][];
      /** Format: date-time */
      until: string;
    };
    InstallUpdate: {
      by?: string;
      reason?: string;
    };
    JournalEntry: {
      /** Format: date-time */
      at: string;
      id: string;
      /** @enum {string} */
      kind: "alarm" | "measure" | "warning" | "unit" | "task" | "hazard" | "hidden" | "person" | "ticket" | "change" | "gap" | "evidence" | "status" | "audit";
      /** @description The record of the row's kind, as it was committed */
      record: Record<string, never>;
      seq: number;
    };
    LastBackup: {
      /** Format: date-time */
      at: string;
      bytes: number;
      sha256: string;
    };
    /** @description Why a warning has its level. */
    LevelReason: "alarm_priority" | "people_inside" | "second_measure_failed" | "unhandled";
    /** @description A limit with its deadband, both in the tag's engineering unit. */
    Limit: {
      /**
       * Format: double
       * @description Strictly inside it (below `trip` for high, above for low) the condition is false again. Between the two the
       *   condition stays what it was.
       */
      clear: number;
      /** @description Which of the four. */
      kind: components['schemas']["LimitKind"];
      /**
       * Format: double
       * @description At or beyond it the condition is true.
       */
      trip: number;
    };
    /** @description One of the four limits of a point. */
    LimitKind: "LL" | "L" | "H" | "HH";
    LogIn: {
      name: string;
      password: string;
    };
    /** @enum {string} */
    LogLevel: "error" | "warn" | "info" | "debug" | "trace";
    LogLine: {
      /** Format: date-time */
      at: string;
      level: components['schemas']["LogLevel"];
      seq: number;
      target: string;
      text: string;
    };
    LogOut: {
      /** @default false */
      everywhere: boolean;
    };
    LookBrowse: {
      cursor?: string | null;
      /**
       * @description Of the whole subtree the variables, and not of the level below alone every node
       * @default false
       */
      deep: boolean;
      filter?: string;
      /** @default 200 */
      limit: number;
      node?: string | null;
      /** @description A source in force, with its security, user and certificates. Either this or `url`, a server or device as anybody may see it */
      source?: string | null;
      url?: string | null;
    };
    LookLevel: {
      items: components['schemas']["LookNode"][];
      matching: number;
      next: string | null;
      whole: boolean;
    };
    LookNode: {
      address: string;
      class: string;
      display_name: string;
      has_below: boolean;
      node: string;
      path: string[];
      tag: string | null;
      variable: {
        data_type: string;
        description: string;
        engineering_unit: string;
        has_history: boolean;
        is_point: boolean;
        range: [
          number,
          number
        ] | null;
        readable: boolean;
        told: components['schemas']["LookValue"];
      } | null;
    };
    LookOffers: {
      id?: string;
      url: string;
      user?: components['schemas']["LookUser"] | null;
    };
    LookPropose: {
      found: {
        address: string;
        engineering_unit?: string;
        name: string;
        node?: string;
        path: string[];
        range?: [
          number,
          number
        ] | null;
      }[];
      source: string;
      /** @description Ids of rows on their way into the table */
      taken?: string[];
    };
    LookRead: {
      /** @default 2 */
      count: number | null;
      nodes?: string[] | null;
      /** @description An address as the point table takes it, `1/40101` */
      registers?: string | null;
      /** @description Cells of a row of the point table by the header of their column, as they would read a source in force; the answer is one value */
      row?: {
        [key: string]: string;
      } | null;
      /** @description A source in force, with its security, user and certificates. Either this or `url`, a server or device as anybody may see it */
      source?: string | null;
      url?: string | null;
    };
    LookReadings: components['schemas']["LookValues"] | components['schemas']["LookRegisters"];
    LookRegisters: {
      bits: {
        address: string;
        value: boolean;
      }[];
      groups: {
        address: string;
        hex: string;
        orders: {
          order: string;
          values: {
            data: string;
            value: number | null;
          }[];
        }[];
        registers: number;
      }[];
      /** @enum {string} */
      of: "registers";
      text: string;
      words: {
        address: string;
        bcd16: number | null;
        hex: string;
        i16: number;
        u16: number;
      }[];
    };
    /** @enum {string} */
    LookUser: "anonymous" | "password" | "certificate";
    LookValue: {
      address: string;
      number: number | null;
      quality_name: string;
      /** @enum {string} */
      severity: "good" | "uncertain" | "bad";
      /** Format: date-time */
      source_time: string | null;
      value: string | null;
    };
    LookValues: {
      /** @enum {string} */
      of: "nodes";
      values: components['schemas']["LookValue"][];
    };
    LoopCheck: {
      /** Format: date-time */
      at: string;
      by: string;
      note: string;
      points: components['schemas']["LoopPoint"][];
      result: components['schemas']["LoopResult"];
    };
    LoopPoint: {
      applied: number;
      read: number;
    };
    /** @enum {string} */
    LoopResult: "pass" | "fail" | "not_done";
    LoopRow: {
      address: string;
      check: components['schemas']["LoopCheck"] | null;
      engineering_unit: string;
      /** @description LL, L, H, HH */
      limits: [
        number | null,
        number | null,
        number | null,
        number | null
      ];
      name: string;
      range: [
        number,
        number
      ] | null;
      source: string;
      tag: string;
    };
    MakeBundle: {
      by?: string;
      /**
       * @description Whether people's names stay in it
       * @default false
       */
      names: boolean;
      reason?: string;
    };
    /** @description 治理类型, national `dangerManageType`. */
    ManageType: "at_once" | "by_deadline";
    MeasureFigures: {
      bypassed_ms: number;
      description: string;
      effective_ms: number;
      effective_share: number | null;
      failed_ms: number;
      measure: string;
      unit: string;
      unknown_ms: number;
    };
    /** @description A control measure 管控措施. */
    MeasureId: string;
    /** @description A measure 管控措施. */
    MeasureRecord: {
      /** @description The alarms that made it fail. */
      alarms: components['schemas']["AlarmId"][];
      /**
       * @description The rules that are hidden, with the reasons, and those by which a bypass of the SIS is active, without one; at most
       *   `limits::REASONS_MAX`.
       * @default []
       */
      bypassed_rules: components['schemas']["BypassedRule"][];
      /** @description The configuration it was derived under. */
      config_version: string;
      /** @description 管控措施描述. */
      description: string;
      /** @description The measure. */
      measure: components['schemas']["MeasureId"];
      /** @description The risk event. */
      risk_event: components['schemas']["RiskEventId"];
      /** @description Since when. */
      since: components['schemas']["UtcTime"];
      /** @description Its state. */
      state: components['schemas']["MeasureState"];
      /** @description The unit. */
      unit: components['schemas']["UnitId"];
      /** @description The rules whose inputs are unknown, at most `limits::REASONS_MAX`. */
      unknown_rules: components['schemas']["RuleId"][];
    };
    /** @description Whether a measure does its work. */
    MeasureState: "effective" | "failed" | "bypassed" | "unknown";
    Nothing: Record<string, never>;
    /** @description Rules that are a nuisance. */
    NuisanceView: {
      /**
       * Format: uint32
       * @description How many.
       */
      rule_count: number;
      /** @description The worst of them, at most `limits::OFFENDERS_MAX`. */
      rules: components['schemas']["Offender"][];
    };
    Oddity: {
      count: number;
      latest: string;
      /** Format: date-time */
      latest_at: string | null;
    };
    /** @description A rule that is a nuisance. */
    Offender: {
      /**
       * Format: uint32
       * @description How often, since it became a nuisance.
       */
      count: number;
      /** @description The words of its alarm. */
      name: string;
      /** @description Since when its alarm stands; absent when it does not. */
      raised_at?: components['schemas']["UtcTime"] | null;
      /** @description The rule. */
      rule: components['schemas']["RuleId"];
      /** @description Its unit. */
      unit?: components['schemas']["UnitId"] | null;
    };
    OwnPassword: {
      new: string;
      old: string;
    };
    PageCertificate: {
      hosts: string[];
      issuer: string;
      /** Format: date-time */
      not_after: string;
      /** Format: date-time */
      not_before: string;
      /** @description Whether the gateway has made it, or the site */
      own: boolean;
      sha256: string;
      subject: string;
    };
    /** @description One of two values that should agree. */
    PairedValue: {
      /** @description In this unit. */
      engineering_unit: string;
      /** @description The tag's name. */
      name: string;
      /** @description OPC UA status code. */
      quality: components['schemas']["Quality"];
      /** @description When the box received it; absent when there is none. */
      received_time?: components['schemas']["UtcTime"] | null;
      /** @description When the device says it was measured. */
      source_time?: components['schemas']["UtcTime"] | null;
      /** @description The tag. */
      tag: components['schemas']["TagId"];
      /**
       * Format: double
       * @description The value; absent when there is none or it is not finite.
       */
      value?: number | null;
    };
    Panel: {
      /** @description Whether the loop that evaluates alarms is alive; the health relay says the same */
      alive: boolean;
      celsius: number | null;
      /** @description Whether lines are driven; otherwise lamp, horn and relays are on the page and in the log alone */
      hardware: boolean;
      inputs: {
        active: boolean | null;
        name: string;
        /** @enum {string} */
        role: "acknowledge" | "silence" | "lamp_test" | "power_fail" | "current" | "contact";
        trouble: string | null;
      }[];
      kind: string;
      name: string;
      outputs: {
        /** @enum {string|null} */
        colour: "green" | "blue" | "yellow" | "amber" | "red" | null;
        name: string;
        /** @enum {string} */
        role: "lamp" | "horn" | "health" | "alarm_relay" | "horn_relay" | "alive_led" | "trouble_led";
        /** @enum {string} */
        state: "off" | "on" | "pulsing";
        trouble: string | null;
      }[];
      test: {
        by: string;
        /** Format: date-time */
        ends_at: string;
        outputs: {
          name: string;
          on: boolean;
        }[];
      } | null;
      /** @description Everything that is wrong with the box: what, and what to do */
      troubles: string[];
      watchdogs: {
        detail: string;
        fed: boolean;
        name: string;
        timeout_s: number | null;
      }[];
    };
    /** @description What a kind of rule needs. */
    Parameter: {
      /** @description Its published name, with its unit last: `limit` (in the tag's engineering unit), `window_ms`, …. */
      name: string;
      /** @description Its value. */
      value: components['schemas']["FieldValue"];
    };
    ParkedRow: {
      id: string;
      /** @enum {string} */
      lane: "live" | "backfill";
      /** Format: date-time */
      next: string;
      reason: string;
      seq: number;
      /** Format: date-time */
      since: string;
      tries: number;
    };
    /** @enum {string} */
    Permission: "live" | "read" | "respond" | "shelve" | "suspend" | "review" | "configure" | "administer";
    /** @description A person 人员, as the enterprise numbers people; never an identity number. */
    PersonId: string;
    /** @description A person as named in a record. */
    PersonRef: {
      /** @description The enterprise's number of the person. */
      id: components['schemas']["PersonId"];
      /** @description The name. */
      name: string;
      /** @description The zone, absent outside all zones. */
      zone?: components['schemas']["ZoneId"] | null;
    };
    PersonView: {
      battery_percent: number | null;
      contractor: string | null;
      department: string | null;
      id: string;
      /** Format: date-time */
      in_zone_since: string | null;
      name: string;
      place_unknown: boolean;
      position: {
        floor: number;
        x: number;
        y: number;
      } | null;
      post: string | null;
      /** Format: date-time */
      received_time: string;
      sos: boolean;
      zone: string | null;
    };
    /** @description A recurring inspection plan 隐患排查任务 (the national table's word for it). */
    PlanId: string;
    PlanView: {
      content: string;
      cycle: number;
      /** @enum {string} */
      cycle_unit: "hour" | "day" | "month" | "year";
      duty_item: number | null;
      /** Format: date-time */
      last: string | null;
      measure: string;
      /** Format: date-time */
      next: string | null;
      open: string[];
      plan: string;
      role: components['schemas']["Role"];
      unit: string;
      waits_for_clock: boolean;
    };
    /** @description A position on the local plane of the site: metres east and north of its origin. */
    Position: {
      /**
       * Format: int32
       * @description The floor, as the location system counts; 0 where it does not say.
       */
      floor: number;
      /**
       * Format: double
       * @description Metres to the east.
       */
      x: number;
      /**
       * Format: double
       * @description Metres to the north.
       */
      y: number;
    };
    /** @description How fast someone must act (ISA-18.2 priority). */
    Priority: "low" | "medium" | "high" | "critical";
    Problem: {
      advice: string;
      /** @enum {string} */
      code: "bad_query" | "bad_request" | "log_in" | "session_over" | "wrong_password" | "password_again" | "not_allowed" | "signed_by_another" | "foreign_origin" | "no_such_route" | "not_found" | "no_such_plan" | "no_such_source" | "no_such_uplink" | "no_such_warning" | "no_such_tag" | "no_such_version" | "method_not_allowed" | "timed_out" | "conflict" | "config_outdated" | "config_folder_edited" | "config_needs_restart" | "update_refused" | "what_if_running" | "board_busy" | "body_too_large" | "unsupported_media_type" | "misdirected_host" | "locked_out" | "invalid" | "unreachable" | "look_timed_out" | "looks_full" | "config_refused" | "busy" | "log_ins_full" | "access_unusable" | "not_durable" | "unanswered" | "stopping" | "streams_full" | "packets_full" | "evidence_unreadable" | "config_busy" | "config_failed" | "file_busy" | "file_unmade" | "no_room" | "certificates_unreadable" | "loop_sheet_unreadable" | "not_ready" | "journal_unreadable" | "history_unreadable" | "internal";
      detail: string;
      findings?: components['schemas']["Finding"][];
      reasons?: string[];
      status: number;
      title: string;
      type: string;
    };
    Proposal: {
      /** @description The version in force to which the edits are made */
      base: string;
      edits: components['schemas']["ConfigEdit"][];
    };
    ProposedRows: {
      rows: {
        /** @description The cells that are not empty, by the English names of the columns of `tags.csv` */
        cells: {
          [key: string]: string;
        };
        known: boolean;
      }[];
    };
    /**
     * Format: uint32
     * @description An OPC UA status code, 32 bits.
     */
    Quality: number;
    Quarantine: {
      items: {
        payload: string;
        reason: string;
        /** Format: date-time */
        received_time: string;
        topic: string;
      }[];
    };
    /** @description A rule that was raised. */
    RaisedRule: {
      /** @description The words of its alarm. */
      name: string;
      /** @description How fast someone must act. */
      priority: components['schemas']["Priority"];
      /** @description When. */
      raised_at: components['schemas']["UtcTime"];
      /** @description The rule. */
      rule: components['schemas']["RuleId"];
      /** @description Its unit. */
      unit?: components['schemas']["UnitId"] | null;
    };
    Reasoned: {
      by?: string;
      /** @description Why, in words; it stands beside the rule as long as it is hidden */
      reason: string;
    };
    ReceivedRelease: {
      bytes: number;
      detail: string;
      key: string | null;
      notes_en: string;
      notes_zh: string;
      /** @enum {string|null} */
      refused: "no_key" | "foreign" | "unknown_key" | "changed" | "cut_short" | "other_target" | "not_later" | "too_far" | "no_way_back" | "configuration" | "does_not_run" | null;
      version: string | null;
    };
    /** @description How many alarms came lately. */
    RecentAlarms: {
      /**
       * Format: uint32
       * @description So many; `count_max` stands for that many and more.
       */
      count: number;
      /**
       * Format: uint32
       * @description No more are counted than a flood begins with or ends below, whichever is more.
       */
      count_max: number;
      /**
       * Format: uint64
       * @description Within how long, in milliseconds.
       */
      window_ms: number;
    };
    Reference: {
      media_type: string;
      sha256?: string | null;
      uri: string;
    };
    ReleaseOutcome: {
      /** Format: date-time */
      at: string;
      confirmed: boolean;
      version: string;
      words: string;
    };
    Remove: {
      by?: string;
      reason?: string;
    };
    ResourceSample: {
      /** Format: date-time */
      at: string;
      cpu_percent: number | null;
      free_bytes: number | null;
      memory_bytes: number | null;
      waiting: number;
    };
    Resources: {
      /** Format: date-time */
      at: string;
      box_memory_available_bytes: number | null;
      box_memory_bytes: number | null;
      box_up_s: number | null;
      cores: number;
      /** @description Of one core, in percent, over the last moments */
      cpu_percent: number | null;
      cpu_s: number | null;
      disk: {
        evidence_bytes: number;
        free_bytes: number | null;
        history_bytes: number;
        journal_bytes: number;
        recording_bytes: number;
        total_bytes: number | null;
      };
      history: components['schemas']["ResourceSample"][];
      inbox: {
        room: number;
        waiting: number;
      };
      load: [
        number,
        number,
        number
      ] | null;
      memory_bytes: number | null;
      memory_peak_bytes: number | null;
      open_files: number | null;
      open_files_max: number | null;
      threads: number | null;
      up_s: number;
    };
    Review: {
      by?: string;
      danger_level?: components['schemas']["DangerLevel"] | null;
      /** Format: date-time */
      deadline?: string | null;
      liable_person?: string | null;
      manage_type?: components['schemas']["ManageType"] | null;
      note: string;
      verdict: components['schemas']["Verdict"];
    };
    /** @description A risk event 安全风险事件. */
    RiskEventId: string;
    /**
     * @description How bad a unit is by assessment: 重大/较大/一般/低, shown as red, orange, yellow, blue. Also the live colour of a unit
     *   and the level of a warning, which use the same four colours.
     */
    RiskLevel: "blue" | "yellow" | "orange" | "red";
    /** @description A role a task goes to 包保责任. */
    Role: "operation" | "technical" | "principal" | "routine";
    RollBackConfiguration: {
      /** @description The version in force to which the edits are made */
      base: string;
      by?: string;
      number: number;
      /** @description Why, on one line */
      reason: string;
    };
    RosterRow: {
      contractor: string | null;
      department: string | null;
      id: string;
      name: string;
      post: string | null;
    };
    /** @description A row of the journal. */
    RowOfAlarmRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["AlarmRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfAuditRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["AuditRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfGapRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["GapRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfHazardRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["HazardRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfHiddenRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["HiddenRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfMeasureRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["MeasureRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfStatusRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["StatusRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfTaskRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["TaskRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfTicketRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["TicketRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfUnitRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["UnitRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description A row of the journal. */
    RowOfWarningRecord: {
      /** @description When it was written. */
      at: components['schemas']["UtcTime"];
      /** @description The record. */
      record: components['schemas']["WarningRecord"];
      /**
       * Format: uint64
       * @description Its place in the journal.
       */
      sequence: number;
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfAlarmRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfAlarmRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfAuditRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfAuditRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfGapRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfGapRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfHazardRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfHazardRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfHiddenRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfHiddenRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfMeasureRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfMeasureRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfStatusRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfStatusRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfTaskRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfTaskRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfTicketRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfTicketRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfUnitRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfUnitRecord"][];
    };
    /** @description Rows of the journal of one kind, in order. */
    RowsOfWarningRecord: {
      /**
       * Format: uint64
       * @description Rows between these that are left out.
       */
      left_out: number;
      /** @description The rows; with more than fit, the first ones and the last ones. */
      rows: components['schemas']["RowOfWarningRecord"][];
    };
    /** @description A rule. */
    RuleId: string;
    /** @description A rule of the master alarm table as it is in force now. */
    RuleView: {
      /** @description The open alarm. */
      alarm?: components['schemas']["AlarmId"] | null;
      /**
       * @description Where the numbers of this kind come from when the configuration does not say: standards and their clauses; empty
       *   where they are engineering defaults.
       */
      basis: string;
      /** @description The engineering unit of the first tag; empty where it watches none. */
      engineering_unit: string;
      /** @description What to do. */
      guidance: string;
      /** @description Why it annunciates nothing now; empty where it does. */
      hidden_because: components['schemas']["Hiding"][];
      /** @description Whether an alarm that has returned stays until a person resets it. */
      latched: boolean;
      /** @description The measure that it is the evidence of. */
      measure?: components['schemas']["MeasureId"] | null;
      /** @description 管控措施描述. */
      measure_description?: string | null;
      /** @description The words of the alarm. */
      name: string;
      /** @description Whether it is never shelved, suppressed or put out of service. */
      never_hidden: boolean;
      /** @description 安全风险分析对象. */
      object_name?: string | null;
      /**
       * Format: uint64
       * @description The condition must be gone this long before the alarm returns to normal.
       */
      off_delay_ms: number;
      /**
       * Format: uint64
       * @description The condition must hold this long before the alarm is raised.
       */
      on_delay_ms: number;
      /** @description What its kind needs beside that: limits, windows, counts. */
      parameters: components['schemas']["Parameter"][];
      /** @description How fast someone must act. */
      priority: components['schemas']["Priority"];
      /** @description The range 量程 of the first tag, in its engineering unit. */
      range?: [
        [
          number,
          number
        ],
        [
          number,
          number
        ]
      ] | null;
      /** @description The risk event that it threatens. */
      risk_event?: components['schemas']["RiskEventId"] | null;
      /** @description 安全风险事件名称. */
      risk_event_name?: string | null;
      /** @description The rule. */
      rule: components['schemas']["RuleId"];
      /** @description The published name of the kind, `limit_hh`, `sos`, …. */
      rule_kind: string;
      /** @description The state of its alarm; `normal` where none is open. */
      state: components['schemas']["AlarmState"];
      /** @description The rules that suppress it by design. */
      suppressed_by: components['schemas']["RuleId"][];
      /** @description The tags that it watches. */
      tags: components['schemas']["TagId"][];
      /** @description The unit. */
      unit?: components['schemas']["UnitId"] | null;
      /** @description 安全风险分析单元名称. */
      unit_name?: string | null;
    };
    /** @description A value with its quality and its two times. */
    SampleSeen: {
      /** @description OPC UA status code. */
      quality: components['schemas']["Quality"];
      /** @description When this box received it. */
      received_time: components['schemas']["UtcTime"];
      /** @description Whether that lets the value be used. */
      severity: components['schemas']["Severity"];
      /** @description When the device says it was measured. */
      source_time?: components['schemas']["UtcTime"] | null;
      /**
       * Format: double
       * @description The value; absent when it is not finite.
       */
      value?: number | null;
    };
    ScopeFigures: {
      /** @description How often alarms were raised */
      alarms: number;
      /** @description The longest */
      clear_ms_max: number;
      /** @description 销警时长: from raising to the end of the condition, mean */
      clear_ms_mean: number | null;
      /** @description Alarms whose condition went */
      cleared: number;
      coverage: components['schemas']["Coverage"];
      /** @description 扰动率: share of the time in which at least one alarm was active */
      disturbance_rate: number | null;
      /** @description 重复报警: raisings of a rule after its first of the same local day */
      repeated_alarms: number;
      /** @description 及时率: of these, the share that was acknowledged within acknowledge_in_time of the configuration's policy */
      timeliness: number | null;
      /** @description Alarms that were acknowledged or should have been */
      to_acknowledge: number;
      weeks: components['schemas']["WeekFigures"][];
    };
    Session: {
      awaits_setup: boolean;
      ends_in_s: number | null;
      idle_in_s: number | null;
      name: string | null;
      notice: string | null;
      password_again: boolean;
      permissions: components['schemas']["Permission"][];
      role: components['schemas']["AccessRole"] | null;
      /** @enum {string} */
      who: "demo" | "nobody" | "panel" | "user" | "token";
    };
    SetUp: {
      code: string;
      name: string;
      password: string;
    };
    /** @description The severity of a status code. */
    Severity: "good" | "uncertain" | "bad";
    Shelve: {
      by?: string;
      /** @description For so many seconds, at most `shelve_max_s` of `/api/v1/system` */
      for_s: number;
      /**
       * @description Whether it ends earlier, when the alarm returns to normal
       * @default false
       */
      one_shot: boolean;
      /** @description Why, in words; it stands beside the rule as long as it is hidden */
      reason: string;
    };
    /** @description A sight of video analytics. */
    SightSeen: {
      /** @description What was seen. */
      algorithm: string;
      /** @description The camera. */
      camera: components['schemas']["CameraId"];
      /**
       * Format: double
       * @description 0 to 1.
       */
      confidence: number;
      /** @description Its name. */
      name: string;
      /** @description A reference to the snapshot or clip, as the video system gives it. */
      picture?: string | null;
      /** @description When this box received it. */
      received_time: components['schemas']["UtcTime"];
      /** @description When the video system says so. */
      source_time?: components['schemas']["UtcTime"] | null;
      /** @description Its zone. */
      zone?: components['schemas']["ZoneId"] | null;
    };
    Signed: {
      by?: string;
    };
    SiteMap: {
      cameras: {
        camera: string;
        name: string;
        zone: string | null;
      }[];
      plan: {
        east: number;
        north: number;
        south: number;
        west: number;
      } | null;
      zones: {
        floor: number | null;
        /** @description Closed rings of x and y in metres to the east and north; what lies within an odd number of them is in the zone */
        rings: [
          number,
          number
        ][][];
        zone: string;
      }[];
    };
    /** @description A source of the field side: an OPC UA server, a Modbus device, an MQTT broker. */
    SourceId: string;
    SourceKeys: {
      /** @description Each as the edit `set_source` takes it; a secret is the name of its file */
      keys: {
        [key: string]: string;
      };
      /** @enum {string} */
      kind: "opcua" | "modbus" | "mqtt" | "board";
      version: string;
    };
    SourceOffers: {
      certificate: {
        hosts: string[];
        is_trusted: boolean;
        issuer: string;
        key_bits: number;
        /** Format: date-time */
        not_after: string;
        /** Format: date-time */
        not_before: string;
        objections: string[];
        sha1: string;
        sha256: string;
        subject: string;
        uris: string[];
      } | null;
      chosen: {
        security: string;
        security_mode: string | null;
        user: components['schemas']["LookUser"];
      } | null;
      clock: string;
      endpoints: {
        name: string;
        secured: boolean;
        spoken: boolean;
        users: components['schemas']["LookUser"][];
      }[];
      /** @enum {string} */
      kind: "opc_ua" | "modbus" | "mqtt";
      /**
       * @description Why nothing is chosen
       * @enum {string|null}
       */
      lacking: "no_security" | "password_needed" | "certificate_needed" | "user_not_taken" | null;
    };
    SourceRow: {
      bad_quality: number;
      connects: number;
      detail: string;
      /** @enum {string} */
      kind: "opc_ua" | "modbus" | "mqtt" | "board";
      /** Format: date-time */
      last_received: string | null;
      malformed: components['schemas']["Oddity"];
      name: string;
      notes: string[];
      outdated: components['schemas']["Oddity"];
      /** Format: date-time */
      since: string | null;
      source: string;
      taken: number;
      unknown: components['schemas']["Oddity"];
      up: boolean;
    };
    Status: {
      status: string;
    };
    /** @description What happened to the gateway. */
    StatusChange: "first_start" | "restarted" | "reconfigured";
    /** @description The gateway itself. */
    StatusRecord: {
      /**
       * Format: uint32
       * @description Alarms that were active and are taken over.
       */
      alarms_taken_over: number;
      /** @description When. */
      at: components['schemas']["UtcTime"];
      /** @description What happened. */
      change: components['schemas']["StatusChange"];
      /** @description The configuration in force. */
      config_version: string;
    };
    /** @description A person in a zone. */
    Stay: {
      /** @description Since when; absent for whoever was inside earlier than the journal was looked through. */
      entered_at?: components['schemas']["UtcTime"] | null;
      /** @description Until when; absent for whoever was still inside. */
      left_at?: components['schemas']["UtcTime"] | null;
      /** @description The name. */
      name: string;
      /** @description Who. */
      person: components['schemas']["PersonId"];
      /** @description When the card fell silent for so long that the place became unknown. */
      place_unknown_at?: components['schemas']["UtcTime"] | null;
      /** @description When the person called for help with SOS, the first time. */
      sos_at?: components['schemas']["UtcTime"] | null;
      /** @description Where. */
      zone: components['schemas']["ZoneId"];
    };
    Stop: {
      by?: string;
      /** @description Ends by itself after so many seconds; without it the unit is stopped until somebody resumes it */
      for_s?: number | null;
      /** @description Why, in words; it stands beside the rule as long as it is hidden */
      reason: string;
    };
    /** @description The disk that holds the journal. */
    StorageState: {
      /**
       * Format: uint64
       * @description What it may take; absent without a budget.
       */
      budget_bytes?: number | null;
      /**
       * Format: uint64
       * @description What the file system has left for the journal, samples that leave it before events do included; absent when it does not say.
       */
      free_bytes?: number | null;
      /**
       * Format: uint64
       * @description What the journal takes, in bytes.
       */
      used_bytes: number;
    };
    System: {
      /** Format: date-time */
      at: string;
      board: string;
      certificate: components['schemas']["PageCertificate"] | null;
      disk: {
        written_bytes: number | null;
        written_bytes_a_day: number | null;
      };
      epoch: number;
      gateway: {
        company_code: string;
        config_version: string;
        gateway_id: string;
        name: string;
      };
      journal: {
        detail: string;
        durable: boolean;
        head: number;
      };
      last_backup: components['schemas']["LastBackup"] | null;
      panel: components['schemas']["Panel"];
      shelve_max_s: number;
      /** Format: date-time */
      started_at: string;
      /** @description The local time of the site, in minutes ahead of UTC */
      utc_offset_min: number;
      version: string;
    };
    /** @description What the alarm system saw of itself. */
    SystemTrigger: {
      /**
       * Format: uint32
       * @description Alarms within the window.
       */
      alarm_count: number;
      /** @description The first of them. */
      first_out: components['schemas']["RaisedRule"];
      /** @constant */
      system: "flood";
      /**
       * Format: uint64
       * @description The window, in milliseconds.
       */
      window_ms: number;
      /** @description The first of the worst. */
      worst: components['schemas']["RaisedRule"];
    } | {
      /**
       * Format: uint32
       * @description How many rules.
       */
      rule_count: number;
      /** @description The worst of them, at most `limits::OFFENDERS_MAX`. */
      rules: components['schemas']["Offender"][];
      /** @constant */
      system: "offenders";
    } | (components['schemas']["ClockState"] & {
      /** @constant */
      system: "clock";
    }) | (components['schemas']["StorageState"] & {
      /** @constant */
      system: "storage";
    }) | (components['schemas']["CertificateEnd"] & {
      /** @constant */
      system: "certificate";
    }) | {
      /** @description Who silenced it last; absent when that is not known. */
      by?: string | null;
      /**
       * Format: uint64
       * @description How long within the last hour, in milliseconds, while it should have sounded.
       */
      silenced_ms: number;
      /** @constant */
      system: "silence";
    };
    /** @description What a row of the table's history is about. */
    TableChange: "configuration" | "added" | "removed" | "changed" | "policy";
    TagHistory: {
      before: components['schemas']["HistoryValue"] | null;
      count: number;
      /** Format: date-time */
      from: string;
      gaps: components['schemas']["HistoryGap"][];
      step_ms: number | null;
      steps: components['schemas']["HistoryStep"][];
      tag: string;
      /** Format: date-time */
      until: string;
      values: components['schemas']["HistoryValue"][];
    };
    /** @description A tag of the point table 点表. */
    TagId: string;
    /** @description What a tag said. */
    TagSamples: {
      /** @description The last one before the time begins; absent when none was found, which `notes` then say. */
      before?: components['schemas']["SampleSeen"] | null;
      /** @description The values are in this unit. */
      engineering_unit: string;
      /**
       * Format: uint64
       * @description Those between these that are left out.
       */
      left_out: number;
      /** @description Its name. */
      name: string;
      /** @description Those within the time, as they came; with more than fit, the first ones and the last ones. */
      points: components['schemas']["SampleSeen"][];
      /** @description The tag. */
      tag: components['schemas']["TagId"];
    };
    TagView: {
      /** @enum {string|null} */
      device_status: "failure" | "function_check" | "out_of_specification" | null;
      engineering_unit: string;
      /** @enum {string|null} */
      limited: "low" | "high" | "constant" | null;
      name: string;
      quality: number;
      quality_name: string;
      range: [
        number,
        number
      ] | null;
      /** Format: date-time */
      received_time: string | null;
      /** @enum {string} */
      severity: "good" | "uncertain" | "bad";
      source: string;
      /** Format: date-time */
      source_time: string | null;
      source_time_replaced: boolean;
      tag: string;
      unit: string | null;
      value: number | null;
    };
    TakeBackup: {
      by?: string;
      reason?: string;
      /**
       * @description Whether the recording and the history of the tags are in it, which are large
       * @default false
       */
      samples: boolean;
    };
    /** @description One more reason for an open task: another alarm of the same measure. */
    TaskCause: {
      /** @description The alarm. */
      alarm: components['schemas']["AlarmId"];
      /** @description When it was added. */
      at: components['schemas']["UtcTime"];
      /** @description The words of the alarm. */
      name: string;
      /** @description The rule behind it. */
      rule: components['schemas']["RuleId"];
      /** @description What was observed. */
      trigger: components['schemas']["Trigger"];
    };
    /** @description An inspection task: `{measure or plan}~{epoch}.{n}`. */
    TaskId: string;
    /** @description Where a task came from. */
    TaskOrigin: "warning" | "plan";
    /** @description An inspection task 排查任务. */
    TaskRecord: {
      /** @description When it was taken. */
      accepted_at?: components['schemas']["UtcTime"] | null;
      /** @description By whom. */
      accepted_by?: string | null;
      /**
       * @description The alarm behind it; absent for a planned task.
       * @default null
       */
      alarm: components['schemas']["AlarmId"] | null;
      /**
       * @description Notes and photos by reference, at most `limits::ATTACHMENTS_MAX`.
       * @default []
       */
      attachments: components['schemas']["Attachment"][];
      /**
       * @description Other alarms of the same measure that came while it was open, at most `limits::REASONS_MAX`.
       * @default []
       */
      causes: components['schemas']["TaskCause"][];
      /** @description The configuration it was derived under. */
      config_version: string;
      /** @description 隐患排查内容. */
      content: string;
      /** @description When it is due: by the warning's level, or when the tolerance of its plan is over. */
      due_at: components['schemas']["UtcTime"];
      /**
       * Format: uint8
       * @description The item of the duty list 包保责任人隐患排查任务清单 that it fulfils (national `taskNum`).
       * @default null
       */
      duty_item: number | null;
      /**
       * @description When it was cancelled or closed undone.
       * @default null
       */
      ended_at: components['schemas']["UtcTime"] | null;
      /**
       * @description Why it was cancelled, or closed undone: `next occurrence`, `plan removed`.
       * @default null
       */
      ended_because: string | null;
      /**
       * @description Who cancelled it.
       * @default null
       */
      ended_by: string | null;
      /**
       * @description The role it was routed to first; absent while that is the same.
       * @default null
       */
      escalated_from: components['schemas']["Role"] | null;
      /**
       * Format: uint32
       * @description How often it went one role up because nobody had done it.
       * @default 0
       */
      escalations: number;
      /** @description When it was finished. */
      finished_at?: components['schemas']["UtcTime"] | null;
      /** @description By whom. */
      finished_by?: string | null;
      /** @description The task. */
      id: components['schemas']["TaskId"];
      /** @description When it was issued. */
      issued_at: components['schemas']["UtcTime"];
      /**
       * @description Whether it was issued well after the plan has it: the gateway was off, or its clock was not to be trusted.
       * @default false
       */
      late: boolean;
      /** @description The measure to inspect. */
      measure: components['schemas']["MeasureId"];
      /** @description In words. */
      note: string;
      /**
       * @description Where it came from.
       * @default warning
       */
      origin: components['schemas']["TaskOrigin"];
      /** @description Whether it passed its due time before it was done. */
      overdue: boolean;
      /**
       * @description The plan whose occurrence it is.
       * @default null
       */
      plan: components['schemas']["PlanId"] | null;
      /**
       * @description When the plan has it.
       * @default null
       */
      planned_at: components['schemas']["UtcTime"] | null;
      /**
       * Format: uint32
       * @description How often a cause came back while it was open.
       */
      recurrences: number;
      /**
       * @description The task that could not be done and in whose place this one stands.
       * @default null
       */
      reissue_of: components['schemas']["TaskId"] | null;
      /** @description What was found. */
      result?: components['schemas']["TaskResult"] | null;
      /** @description The risk event. */
      risk_event: components['schemas']["RiskEventId"];
      /** @description The role it is routed to now. */
      role: components['schemas']["Role"];
      /**
       * @description The rule behind that; absent for a planned task.
       * @default null
       */
      rule: components['schemas']["RuleId"] | null;
      /** @description How far it has come. */
      state: components['schemas']["TaskState"];
      /**
       * @description What was observed; absent for a planned task.
       * @default null
       */
      trigger: components['schemas']["Trigger"] | null;
      /** @description The unit. */
      unit: components['schemas']["UnitId"];
      /**
       * @description The warning that raised it, the latest one if its cause came back in another; absent for a planned task.
       * @default null
       */
      warning: components['schemas']["WarningId"] | null;
      /**
       * Format: uint64
       * @description How long it may take, in milliseconds; 0 in records of older versions, where it is `due_at` less `issued_at`.
       * @default 0
       */
      window_ms: number;
    };
    /** @description What an inspection found (national `checkStatus` 0 正常, 1 存在隐患, 2 未排查). */
    TaskResult: "normal" | "hidden_danger" | "could_not";
    /** @description How far a task has come. */
    TaskState: "issued" | "accepted" | "done" | "cancelled" | "closed";
    /** @description A special-work ticket 特殊作业票, as the ticket system numbers it. */
    TicketId: string;
    /** @description A ticket as last heard of, with the fields of AQ 3064.2-2025, A.1 that rules or people on site need. */
    TicketRecord: {
      /** @description Gas analyses, at most `limits::TICKET_ENTRIES_MAX`, the newest. */
      analyses: components['schemas']["GasAnalysis"][];
      /** @description What is done to a blind plate. */
      blind_plate?: components['schemas']["BlindPlate"] | null;
      /** @description Whether it is cancelled. */
      cancelled: boolean;
      /** @description Whether it was changed after it was signed. */
      changed: boolean;
      /** @description 作业内容. */
      content: string;
      /** @description Until when it may go on. */
      end?: components['schemas']["UtcTime"] | null;
      /** @description The ticket system's own id. */
      id: components['schemas']["TicketId"];
      /** @description When the box received it. */
      received_time: components['schemas']["UtcTime"];
      /** @description When the ticket system says that it sent this. */
      source_time?: components['schemas']["UtcTime"] | null;
      /** @description When readings in a confined space were written down, at most `limits::TICKET_ENTRIES_MAX`, the newest. */
      space_records: components['schemas']["UtcTime"][];
      /** @description When work may begin. */
      start?: components['schemas']["UtcTime"] | null;
      /** @description How far it has come. */
      status: components['schemas']["TicketStatus"];
      /** @description The supervisor 监护人, where the site knows the person. */
      supervisor?: components['schemas']["PersonId"] | null;
      /** @description The supervisor's name as the ticket has it. */
      supervisor_name: string;
      /** @description The unit it is for. */
      unit?: components['schemas']["UnitId"] | null;
      /** @description Whether the rules watch it. Not when `limits::TICKETS_MAX` open ones are watched already. */
      watched: boolean;
      /** @description The code of its kind of work. */
      work: components['schemas']["WorkType"];
      /** @description Workers' names as the ticket has them, at most `limits::PEOPLE_NAMED_MAX`. */
      worker_names: string[];
      /** @description Workers whom the site knows, at most `limits::PEOPLE_NAMED_MAX`. */
      workers: components['schemas']["PersonId"][];
      /** @description The zone it is for. */
      zone?: components['schemas']["ZoneId"] | null;
    };
    /** @description How far a ticket has come: TICKETSTATUS of AQ 3064.2-2025, Annex A. */
    TicketStatus: "unissued" | "issued" | "in_work" | "accepted" | "voided" | "revoked" | "suspended";
    /** @description A ticket and what of it made a rule's condition true. */
    TicketTrigger: {
      /** @description The alarm type of AQ 3064.2-2025, A.3; absent where the standard has none. */
      alarm_type?: string | null;
      /** @description The analysis that the rule is about: the newest, or the one that is over its limit. */
      analysis?: components['schemas']["GasAnalysis"] | null;
      /** @description 作业内容. */
      content: string;
      /** @description Of the detectors that the rule is about the one that reads highest; absent while none can be used. */
      detector?: components['schemas']["PairedValue"] | null;
      /** @description Until when it may go on. */
      end?: components['schemas']["UtcTime"] | null;
      /**
       * @description Other tickets in the same alarm, at most `limits::REASONS_MAX`: only the last alarm of a rule is shared, when all
       *   of them are in use.
       */
      further: components['schemas']["TicketId"][];
      /**
       * Format: double
       * @description The limit that the rule holds the detector against, in the detector's engineering unit; absent where it has none of
       *   its own.
       * @default null
       */
      limit: number | null;
      /** @description Who they are, at most `limits::PEOPLE_NAMED_MAX`. */
      people: components['schemas']["PersonRef"][];
      /**
       * Format: uint32
       * @description How many people are in its zone, or in the zones of its unit.
       */
      people_count: number;
      /** @description When the box last heard of the ticket. */
      received_time: components['schemas']["UtcTime"];
      /** @description When work may begin. */
      start?: components['schemas']["UtcTime"] | null;
      /** @description How far it had come. */
      status: components['schemas']["TicketStatus"];
      /** @description Where the supervisor is, for a rule about that. */
      supervisor?: components['schemas']["PersonRef"] | null;
      /** @description The supervisor's name. */
      supervisor_name: string;
      /** @description The ticket. */
      ticket: components['schemas']["TicketId"];
      /** @description The unit it is for. */
      unit?: components['schemas']["UnitId"] | null;
      /** @description The code of its kind of work. */
      work: components['schemas']["WorkType"];
      /** @description The zone it is for. */
      zone?: components['schemas']["ZoneId"] | null;
    };
    TokenMade: {
      /** Format: date-time */
      ends_at: string | null;
      name: string;
      role: components['schemas']["AccessRole"];
      /** @description Given out this once; only its hash is kept */
      token: string;
    };
    TokenView: {
      /** Format: date-time */
      ends_at: string | null;
      /** Format: date-time */
      made_at: string;
      made_by: string;
      name: string;
      /** @description From where it may be shown, as `10.1.2.3` or `10.1.2.0/24`; from anywhere where none is named */
      networks: string[];
      role: components['schemas']["AccessRole"];
      /** @description What of its role it may; all of it where none is named */
      scopes: components['schemas']["Permission"][];
    };
    /** @description What was observed when a rule's condition became true. */
    Trigger: {
      /**
       * @description What else it was held against; absent for a limit alone, quality and staleness.
       * @default null
       */
      against: components['schemas']["Against"] | null;
      /** @description In this unit. */
      engineering_unit: string;
      /** @description The limit it crossed, or will; absent where none is meant. */
      limit?: components['schemas']["Limit"] | null;
      /** @description The tag's name. */
      name: string;
      /** @constant */
      observed: "value";
      /** @description OPC UA status code. */
      quality: components['schemas']["Quality"];
      /** @description When the box received it. */
      received_time: components['schemas']["UtcTime"];
      /** @description When the device says it was measured. */
      source_time?: components['schemas']["UtcTime"] | null;
      /** @description Whether the source time was absurd and has been replaced. */
      source_time_replaced: boolean;
      /** @description The tag. */
      tag: components['schemas']["TagId"];
      /**
       * Format: double
       * @description The value; absent when there is none or it is not finite.
       */
      value?: number | null;
    } | {
      /**
       * Format: double
       * @description How much they may differ; absent where on and off are compared.
       */
      difference?: number | null;
      /** @description The one: the tag of a deviation, the command of a mismatch. */
      first: components['schemas']["PairedValue"];
      /** @constant */
      observed: "pair";
      /** @description When the box received the later of the two. */
      received_time: components['schemas']["UtcTime"];
      /** @description The other: the second instrument, the feedback. */
      second: components['schemas']["PairedValue"];
    } | {
      /** @constant */
      observed: "sos";
      /** @description Who. */
      person: components['schemas']["PersonRef"];
      /** @description When the box received it. */
      received_time: components['schemas']["UtcTime"];
      /** @description When the beacon says so. */
      source_time?: components['schemas']["UtcTime"] | null;
    } | {
      /** @description The zone's name. */
      name: string;
      /** @constant */
      observed: "crowd";
      /** @description Who they are, at most `limits::PEOPLE_NAMED_MAX`. */
      people: components['schemas']["PersonRef"][];
      /**
       * Format: uint32
       * @description How many are in it.
       */
      people_count: number;
      /**
       * Format: uint32
       * @description How many it may hold.
       */
      people_max: number;
      /** @description When the box received the position that made it too many. */
      received_time: components['schemas']["UtcTime"];
      /** @description The zone. */
      zone: components['schemas']["ZoneId"];
    } | {
      /** @description The zone's name. */
      name: string;
      /** @constant */
      observed: "gathering";
      /** @description Who they are, at most `limits::PEOPLE_NAMED_MAX`. */
      people: components['schemas']["PersonRef"][];
      /**
       * Format: uint32
       * @description How many they are; where a crowd is so dense that people are not counted one by one, at least so many.
       */
      people_count: number;
      /**
       * Format: uint32
       * @description How many make a gathering.
       */
      people_min: number;
      /** @description Where that person is on the local plane; absent while that is not known. */
      position?: components['schemas']["Position"] | null;
      /**
       * Format: double
       * @description How far the others are from there at most, in metres.
       */
      radius_m: number;
      /** @description When that was judged. */
      received_time: components['schemas']["UtcTime"];
      /** @description The zone of the person in the middle. */
      zone: components['schemas']["ZoneId"];
    } | {
      /**
       * Format: uint8
       * @description The card's battery.
       */
      battery_percent?: number | null;
      /**
       * Format: uint64
       * @description How long that may be, in milliseconds.
       */
      limit_ms?: number | null;
      /** @constant */
      observed: "person";
      /** @description Who, and the zone. */
      person: components['schemas']["PersonRef"];
      /** @description Where on the local plane. */
      position?: components['schemas']["Position"] | null;
      /** @description Their post. */
      post?: string | null;
      /** @description When the box received it. */
      received_time: components['schemas']["UtcTime"];
      /** @description In the zone, or at rest, since then. */
      since?: components['schemas']["UtcTime"] | null;
      /** @description When the beacon says so. */
      source_time?: components['schemas']["UtcTime"] | null;
      /** @description The zone's name. */
      zone_name?: string | null;
    } | {
      /** @description Those who must be there and are not, and where they are; at most `limits::PEOPLE_NAMED_MAX`. */
      missing: components['schemas']["PersonRef"][];
      /** @description The zone's name. */
      name: string;
      /** @constant */
      observed: "staffing";
      /**
       * Format: uint32
       * @description How many are in it.
       */
      people_count: number;
      /**
       * Format: uint32
       * @description The fewest it needs.
       */
      people_min: number;
      /** @description When that was judged. */
      received_time: components['schemas']["UtcTime"];
      /** @description The zone. */
      zone: components['schemas']["ZoneId"];
    } | {
      /** @description What was seen. */
      algorithm: string;
      /** @description The camera. */
      camera: components['schemas']["CameraId"];
      /**
       * Format: double
       * @description 0 to 1.
       */
      confidence: number;
      /**
       * Format: uint32
       * @description How many qualifying sights in a row.
       */
      frames: number;
      /** @description The camera's name. */
      name: string;
      /** @constant */
      observed: "sight";
      /** @description A reference to the snapshot. */
      picture?: string | null;
      /** @description When the box received it. */
      received_time: components['schemas']["UtcTime"];
      /** @description When the video system says so. */
      source_time?: components['schemas']["UtcTime"] | null;
    } | (components['schemas']["TicketTrigger"] & {
      /** @constant */
      observed: "ticket";
    }) | {
      /** @description The source's or uplink's id. */
      id: string;
      /** @description Its name. */
      name: string;
      /** @constant */
      observed: "link";
      /** @description Why it is down. */
      reason: string;
      /** @description Since when. */
      received_time: components['schemas']["UtcTime"];
    } | {
      /**
       * Format: double
       * @description How far the usable voters lie apart; for a vote of instruments only.
       */
      deviation?: number | null;
      /** @constant */
      observed: "compound";
      /** @description What it is made of, each thing once. */
      parts: components['schemas']["CompoundPart"][];
      /** @description When the box learned of the last that made it true. */
      received_time: components['schemas']["UtcTime"];
      /** @description The expression. */
      when: string;
    } | {
      /**
       * Format: uint32
       * @description How many.
       */
      count: number;
      /** @constant */
      observed: "overdue";
      /** @description When the first was seen to be. */
      received_time: components['schemas']["UtcTime"];
      /** @description The role they are looked for at; absent for any. */
      role?: components['schemas']["Role"] | null;
      /** @description Which, at most `limits::REASONS_MAX`. */
      tasks: components['schemas']["TaskId"][];
      /** @description The unit they are looked for in; absent for any. */
      unit?: components['schemas']["UnitId"] | null;
    } | {
      /** @description What of it. */
      about: components['schemas']["SystemTrigger"];
      /** @constant */
      observed: "system";
      /** @description When it was seen. */
      received_time: components['schemas']["UtcTime"];
    };
    UnitFigures: {
      /** @description How often alarms were raised */
      alarms: number;
      /** @description The longest */
      clear_ms_max: number;
      /** @description 销警时长: from raising to the end of the condition, mean */
      clear_ms_mean: number | null;
      /** @description Alarms whose condition went */
      cleared: number;
      coverage: components['schemas']["Coverage"];
      /** @description 扰动率: share of the time in which at least one alarm was active */
      disturbance_rate: number | null;
      name: string;
      /** @description 重复报警: raisings of a rule after its first of the same local day */
      repeated_alarms: number;
      /** @description 及时率: of these, the share that was acknowledged within acknowledge_in_time of the configuration's policy */
      timeliness: number | null;
      /** @description Alarms that were acknowledged or should have been */
      to_acknowledge: number;
      unit: string;
      weeks: components['schemas']["WeekFigures"][];
    };
    /** @description A risk unit 安全风险分析单元. */
    UnitId: string;
    /** @description A risk unit's live colour 四色. */
    UnitRecord: {
      /** @description The assessed level 评估等级. */
      assessed: components['schemas']["RiskLevel"];
      /**
       * @description The measures that are bypassed.
       * @default []
       */
      bypassed_measures: components['schemas']["MeasureId"][];
      /** @description The live colour: the worst open warning's level, else blue. */
      colour: components['schemas']["RiskLevel"];
      /** @description The configuration it was derived under. */
      config_version: string;
      /** @description The measures that have failed. */
      failed_measures: components['schemas']["MeasureId"][];
      /** @description Its name. */
      name: string;
      /** @description Since when. */
      since: components['schemas']["UtcTime"];
      /**
       * @description Its stop record 停用/检修, while it is stopped.
       * @default null
       */
      stopped: components['schemas']["UnitStop"] | null;
      /** @description The unit. */
      unit: components['schemas']["UnitId"];
      /** @description Whether something in it cannot be judged: a measure is unknown. Unknown is not normal. */
      unknown: boolean;
      /** @description The measures that are unknown. */
      unknown_measures: components['schemas']["MeasureId"][];
      /** @description The open warnings, worst first. */
      warnings: components['schemas']["WarningId"][];
    };
    /**
     * @description A unit is stopped 停用/检修: the national stop record (`stopStartTime`, `stopEndTime`, `stopReason`). While it stands, the
     *   unit's rules are suppressed by design, save those on which lives hang.
     */
    UnitStop: {
      /** @description Who stopped it. */
      by: string;
      /** @description Why. */
      reason: string;
      /** @description Since when. */
      since: components['schemas']["UtcTime"];
      /** @description Until when at the latest; absent where only a person resumes it. */
      until?: components['schemas']["UtcTime"] | null;
    };
    UpdateState: {
      active: string | null;
      /** @description Public keys of those whose releases are installed; without one none is */
      keys: string[];
      last: components['schemas']["ReleaseOutcome"] | null;
      previous: string | null;
      received: components['schemas']["ReceivedRelease"] | null;
      /** @enum {string|null} */
      step: "verifying" | "looking_at_configuration" | "backing_up" | "installing" | null;
      target: string;
      trial: string | null;
      version: string;
    };
    UplinkProgress: {
      lanes: {
        acknowledged_until: number;
        backlog: number;
        due: number | null;
        in_flight: number;
        /** @enum {string} */
        lane: "live" | "backfill";
      }[];
      oldest: {
        /** Format: date-time */
        at: string;
        id: string;
        /** @enum {string} */
        kind: "alarm" | "measure" | "warning" | "unit" | "task" | "hazard" | "hidden" | "person" | "ticket" | "change" | "gap" | "evidence" | "status" | "audit";
        seq: number;
      } | null;
      /** @description Ten minutes each */
      receipts: {
        acknowledged: number;
        /** Format: date-time */
        from: string;
        refused: number;
      }[];
    };
    UplinkRow: {
      acknowledged: number;
      backlog: number;
      connects: number;
      detail: string;
      earlier: number;
      head: number;
      /** Format: date-time */
      last_acknowledged: string | null;
      name: string;
      parked: number;
      recording: number | null;
      /** Format: date-time */
      since: string | null;
      up: boolean;
      uplink: string;
    };
    UserView: {
      /** Format: date-time */
      made_at: string;
      name: string;
      /** Format: date-time */
      password_at: string;
      role: components['schemas']["AccessRole"];
    };
    /** @description Milliseconds since 1970-01-01T00:00:00Z, written as RFC 3339 with milliseconds and `Z`. */
    UtcTime: string;
    /** @description What a person decides about a suspected hazard. */
    Verdict: "confirmed" | "rejected" | "closed";
    /** @description An alarm inside a warning: enough to read the warning alone. */
    WarningAlarm: {
      /** @description What to do. */
      guidance: string;
      /** @description The occurrence. */
      id: components['schemas']["AlarmId"];
      /** @description The words of the alarm. */
      name: string;
      /** @description Its priority. */
      priority: components['schemas']["Priority"];
      /** @description The rule. */
      rule: components['schemas']["RuleId"];
      /** @description Its state. */
      state: components['schemas']["AlarmState"];
      /** @description What was observed. */
      trigger: components['schemas']["Trigger"];
    };
    /** @description One occurrence of a warning: `{risk event}~{epoch}.{n}`. */
    WarningId: string;
    /** @description An anomaly warning 异常预警: one for each risk event, folding many alarms. */
    WarningRecord: {
      /**
       * Format: uint32
       * @description How many alarms it has folded, those beyond the list included.
       */
      alarm_count: number;
      /** @description The alarms folded into it, oldest first, at most `limits::REASONS_MAX`. */
      alarms: components['schemas']["WarningAlarm"][];
      /** @description When every condition was gone. */
      cleared_at?: components['schemas']["UtcTime"] | null;
      /** @description The configuration it was derived under. */
      config_version: string;
      /**
       * @description When it gets one step worse unless somebody acknowledges or handles it, as the wall clock stood when this time
       *   began; absent where it does not.
       * @default null
       */
      escalates_at: components['schemas']["UtcTime"] | null;
      /** @description The measures that have failed now. */
      failed_measures: components['schemas']["MeasureId"][];
      /** @description The occurrence. */
      id: components['schemas']["WarningId"];
      /** @description Its level; while the warning is open it only gets worse. */
      level: components['schemas']["RiskLevel"];
      /** @description Why it has that level. */
      level_reasons: components['schemas']["LevelReason"][];
      /**
       * @description When it was raised with that level or got that bad; absent in records of older versions.
       * @default null
       */
      level_since: components['schemas']["UtcTime"] | null;
      /** @description 安全风险事件名称. */
      name: string;
      /** @description Who they are, at most `limits::PEOPLE_NAMED_MAX`. */
      people: components['schemas']["PersonRef"][];
      /**
       * Format: uint32
       * @description How many people are in the unit's zones.
       */
      people_count: number;
      /** @description When it was raised. */
      raised_at: components['schemas']["UtcTime"];
      /** @description The risk event. */
      risk_event: components['schemas']["RiskEventId"];
      /** @description How far it has come. */
      state: components['schemas']["WarningState"];
      /** @description The tasks it has raised, at most `limits::REASONS_MAX`. */
      tasks: components['schemas']["TaskId"][];
      /**
       * Format: uint8
       * @description How many steps worse it is because nobody handled it in time.
       * @default 0
       */
      unhandled_steps: number;
      /** @description The unit. */
      unit: components['schemas']["UnitId"];
      /** @description 安全风险分析单元名称. */
      unit_name: string;
    };
    /** @description How far a warning has come. */
    WarningState: "raised" | "acknowledged" | "being_handled" | "cleared" | "closed";
    /** @description The alarm system now. */
    WatchView: {
      /** @description Rules that are raised again and again. */
      chattering: components['schemas']["NuisanceView"];
      /** @description The wall clock; absent until somebody has looked. */
      clock?: components['schemas']["ClockState"] | null;
      /** @description Rules whose alarms are over before anybody can act. */
      fleeting: components['schemas']["NuisanceView"];
      /** @description The flood that goes on. */
      flood?: components['schemas']["FloodView"] | null;
      /** @description The alarms that came lately, as the flood rule counts them; absent without that rule. */
      recent?: components['schemas']["RecentAlarms"] | null;
      /**
       * Format: uint64
       * @description How long the horn was silenced by hand within the last hour while it should have sounded, in milliseconds.
       */
      silenced_ms: number;
      /** @description Alarms that have been active for very long. */
      standing: components['schemas']["NuisanceView"];
      /** @description The disk; absent until somebody has looked. */
      storage?: components['schemas']["StorageState"] | null;
    };
    WeekFigures: {
      accepted: number;
      cancelled: number;
      completed: number;
      issued: number;
      /** Format: date */
      monday: string;
      rejected: number;
    };
    WhatIf: {
      /** Format: date-time */
      asked_at: string | null;
      asked_by: string | null;
      done: number | null;
      error: string | null;
      /** Format: date-time */
      from: string | null;
      result: {
        runs: {
          alarms: {
            added: string[];
            ended: {
              /** Format: date-time */
              now: string | null;
              /** Format: date-time */
              raised: string;
              /** Format: date-time */
              then: string | null;
            }[];
            id: string;
            moved: {
              /** Format: date-time */
              now: string;
              /** Format: date-time */
              raised: string;
              /** Format: date-time */
              then: string;
            }[];
            name: string;
            now: number;
            now_ms: number;
            ranked: {
              now: string;
              /** Format: date-time */
              raised: string;
              then: string;
            }[];
            removed: string[];
            then: number;
            then_ms: number;
          }[];
          commands_without_object: number;
          config_version: string;
          events: number;
          /** Format: date-time */
          from: string;
          journal: {
            same: boolean | null;
          };
          lost_events: number;
          now: {
            alarms: number;
            flood_share: number;
            peak_ten_minutes: number;
            per_ten_minutes: number;
            warnings: number;
          };
          then: {
            alarms: number;
            flood_share: number;
            peak_ten_minutes: number;
            per_ten_minutes: number;
            warnings: number;
          };
          /** Format: date-time */
          to: string;
          warnings: {
            added: string[];
            ended: {
              /** Format: date-time */
              now: string | null;
              /** Format: date-time */
              raised: string;
              /** Format: date-time */
              then: string | null;
            }[];
            id: string;
            moved: {
              /** Format: date-time */
              now: string;
              /** Format: date-time */
              raised: string;
              /** Format: date-time */
              then: string;
            }[];
            name: string;
            now: number;
            now_ms: number;
            ranked: {
              now: string;
              /** Format: date-time */
              raised: string;
              then: string;
            }[];
            removed: string[];
            then: number;
            then_ms: number;
          }[];
        }[];
      } | null;
      /** @enum {string} */
      state: "none" | "running" | "done" | "failed" | "stopped";
      /** Format: date-time */
      to: string | null;
      version: string | null;
    };
    /**
     * @description The kind of work by its code in AQ 3064.2-2025, Annex A: `01` `02` `03` hot work of the special, first and second
     *   class, `10` temporary electricity, `21`–`24` height, `30` earth, `40` road, `50` blind plates, `61`–`63` lifting, `70`
     *   confined space. A code that is not among them is kept as it is; no rule is about such work in particular.
     */
    WorkType: string;
    /** @description A zone of the personnel-location map 区域. */
    ZoneId: string;
    ZoneView: {
      name: string;
      people_count: number;
      unit: string | null;
      zone: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}

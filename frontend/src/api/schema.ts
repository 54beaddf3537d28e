// Made by `npm run types` from the OpenAPI document of PostgREST; not edited by hand.

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json | undefined }

interface Link<Column, Target, Key> {
  foreignKeyName: string
  columns: [Column]
  isOneToOne: false
  referencedRelation: Target
  referencedColumns: [Key]
}

interface View<Row, Links> {
  Row: Row
  Insert: Partial<Row>
  Update: Partial<Row>
  Relationships: Links
}

/** What functions answer with is not in the document. */
interface Function<Args> {
  Args: Args
  Returns: any
}

export interface Database {
  api: {
    Tables: Record<never, never>
    Views: {
      alarm_counts: View<
        {
          severity: string | null
          priority: number | null
          active_unacknowledged: number | null
          unacknowledged: number | null
          open: number | null
          silenced: number | null
        },
        []
      >
      alarm_journal: View<
        {
          id: number
          alarm_id: number | null
          alarm_public_id: string | null
          name: string | null
          severity: string | null
          step: string | null
          state: string | null
          silent: boolean | null
          happened_at: string | null
          recorded_at: string | null
          actor: string | null
          user_id: number | null
          comment: string | null
          value: number | null
          message: string | null
          shelved_until: string | null
          waited_seconds: number | null
        },
        [
          Link<'alarm_id', 'alarms', 'id'>,
          Link<'user_id', 'users', 'id'>,
        ]
      >
      alarm_response: View<
        {
          severity: string | null
          rule_id: number | null
          name: string | null
          acknowledged: number | null
          median_seconds: number | null
          p95_seconds: number | null
        },
        [
          Link<'rule_id', 'rules', 'id'>,
        ]
      >
      alarm_shelves: View<
        {
          rule_id: number
          shelved_until: string | null
          reason: string | null
          shelved_by: string | null
          shelved_at: string | null
        },
        []
      >
      alarms: View<
        {
          id: number
          public_id: string | null
          rule_id: number | null
          event_id: number | null
          name: string | null
          severity: string | null
          priority: number | null
          message: string | null
          value: number | null
          state: string | null
          latched: boolean | null
          silenced_by: string | null
          occurrences: number | null
          raised_at: string | null
          last_raised_at: string | null
          returned_at: string | null
          unacknowledged_since: string | null
          acknowledged_at: string | null
          acknowledged_by: string | null
          changed_at: string | null
        },
        [
          Link<'rule_id', 'rules', 'id'>,
          Link<'event_id', 'events', 'id'>,
        ]
      >
      alarms_per_hour: View<
        {
          hour: string | null
          announced: number | null
          silent: number | null
        },
        []
      >
      api_tokens: View<
        {
          jti: string | null
          name: string | null
          user_public_id: string | null
          role: 'controller' | 'viewer' | 'operator' | 'admin' | null
          read_only: boolean | null
          created_at: string | null
          expires_at: string | null
          last_used_at: string | null
          revoked_at: string | null
          last_used_address: string | null
          last_used_agent: string | null
          username: string | null
          state: string | null
        },
        []
      >
      audit_log: View<
        {
          id: number
          changed_at: string | null
          actor: string | null
          role: string | null
          table_name: string | null
          operation: string | null
          row_id: string | null
          old: Json | null
          new: Json | null
          actor_public_id: string | null
          jti: string | null
        },
        []
      >
      audit_seals: View<
        {
          id: number
          sealed_at: string | null
          entries: number | null
          settled_to: number | null
          hash: string | null
        },
        []
      >
      channel_mappings: View<
        {
          id: number
          public_id: string | null
          plugin_instance_id: number | null
          channel: string | null
          channel_name: string | null
          direction: 'input' | 'output' | 'bidirectional' | null
          unit: string | null
          min_value: number | null
          max_value: number | null
          safe_value: number | null
          event_id: number | null
          calibration: Json | null
          report: string | null
          deadband: number | null
          heartbeat_seconds: number | null
          safe_after_seconds: number | null
          status: string | null
          status_detail: string | null
          created_at: string | null
        },
        [
          Link<'plugin_instance_id', 'plugin_instances', 'id'>,
        ]
      >
      chattering_alarms: View<
        {
          rule_id: number | null
          event_id: number | null
          name: string | null
          severity: string | null
          chatters: number | null
          most_in_a_minute: number | null
          last_chattered_at: string | null
        },
        []
      >
      commands: View<
        {
          id: number
          public_id: string | null
          event_id: number | null
          event_public_id: string | null
          controller_id: number | null
          value: number | null
          reason: string | null
          requested_by: string | null
          user_id: number | null
          rule_id: number | null
          state: string | null
          created_at: string | null
          expires_at: string | null
          sent_at: string | null
          finished_at: string | null
          value_read: number | null
          error: string | null
        },
        [
          Link<'event_id', 'events', 'id'>,
          Link<'controller_id', 'controllers', 'id'>,
          Link<'user_id', 'users', 'id'>,
          Link<'rule_id', 'rules', 'id'>,
        ]
      >
      controller_plugins: View<
        {
          controller_id: number
          plugin: string
          name: string | null
          version: string | null
          description: string | null
          schema: Json | null
        },
        [
          Link<'controller_id', 'controllers', 'id'>,
        ]
      >
      controller_tokens: View<
        {
          jti: string | null
          name: string | null
          controller_public_id: string | null
          created_at: string | null
          expires_at: string | null
          last_used_at: string | null
          revoked_at: string | null
          renews_jti: string | null
          last_used_address: string | null
          last_used_agent: string | null
          state: string | null
        },
        []
      >
      controllers: View<
        {
          id: number
          public_id: string | null
          name: string | null
          description: string | null
          enabled: boolean | null
          software: string | null
          connected_at: string | null
          last_seen_at: string | null
          created_at: string | null
          last_seen_address: string | null
          last_seen_agent: string | null
          config_version: number | null
          told_version: number | null
          told_at: string | null
        },
        []
      >
      dashboard_widgets: View<
        {
          dashboard_id: number
          place: number | null
          id: string | null
          type: string | null
          x: number | null
          y: number | null
          w: number | null
          h: number | null
          options: Json | null
        },
        []
      >
      dashboards: View<
        {
          id: number
          public_id: string | null
          name: string | null
          shared: boolean | null
          widgets: Json | null
          version: number | null
          user_id: number | null
          author: string | null
          own: boolean | null
          widget_count: number | null
          created_at: string | null
          changed_at: string | null
          changed_by: string | null
        },
        [
          Link<'user_id', 'users', 'id'>,
        ]
      >
      datapoints: View<
        {
          event_id: number
          event_public_id: string | null
          ts: string
          value: number | null
          quality: number | null
        },
        []
      >
      events: View<
        {
          id: number
          public_id: string | null
          name: string | null
          event_type: 'sensor' | 'actuator' | 'range' | 'cmd_button' | 'cmd_opened' | 'cmd_closed' | null
          unit: string | null
          min_value: number | null
          max_value: number | null
          area: string | null
          description: string | null
          archived_at: string | null
          created_at: string | null
        },
        []
      >
      experiment_events: View<
        {
          experiment_id: number
          event_id: number
        },
        [
          Link<'experiment_id', 'experiments', 'id'>,
          Link<'event_id', 'events', 'id'>,
        ]
      >
      experiment_files: View<
        {
          id: number
          experiment_id: number | null
          name: string | null
          media_type: string | null
          size: number | null
          sha256: string | null
          author: string | null
          user_id: number | null
          created_at: string | null
        },
        [
          Link<'experiment_id', 'experiments', 'id'>,
          Link<'user_id', 'users', 'id'>,
        ]
      >
      experiment_notes: View<
        {
          id: number
          experiment_id: number | null
          noted_at: string | null
          text: string | null
          author: string | null
          user_id: number | null
          created_at: string | null
        },
        [
          Link<'experiment_id', 'experiments', 'id'>,
          Link<'user_id', 'users', 'id'>,
        ]
      >
      experiment_storage: View<
        {
          experiment_id: number | null
          files: number | null
          bytes: number | null
        },
        [
          Link<'experiment_id', 'experiments', 'id'>,
        ]
      >
      experiments: View<
        {
          id: number
          public_id: string | null
          name: string | null
          kind: string | null
          description: string | null
          parameters: Json | null
          keep: boolean | null
          all_events: boolean | null
          started_at: string | null
          stopped_at: string | null
          created_at: string | null
        },
        []
      >
      housekeeping: View<
        {
          what: string
          days: number | null
          least_days: number | null
          shortest: number | null
        },
        []
      >
      identities: View<
        {
          id: number
          user_id: number | null
          user_public_id: string | null
          issuer: string | null
          subject: string | null
          created_at: string | null
        },
        [
          Link<'user_id', 'users', 'id'>,
        ]
      >
      interlocks: View<
        {
          id: number
          public_id: string | null
          event_id: number | null
          source_event_id: number | null
          operator: string | null
          threshold: number | null
          threshold_high: number | null
          max_age_seconds: number | null
          description: string | null
          enabled: boolean | null
          created_at: string | null
        },
        [
          Link<'event_id', 'events', 'id'>,
          Link<'source_event_id', 'events', 'id'>,
        ]
      >
      latest: View<
        {
          event_id: number
          event_public_id: string | null
          ts: string | null
          value: number | null
          quality: number | null
        },
        []
      >
      log_entries: View<
        {
          id: number
          created_at: string | null
          level: 'info' | 'warning' | 'error' | null
          message: string | null
          source: string | null
          is_read: boolean | null
          user_id: number | null
          controller_id: number | null
        },
        [
          Link<'user_id', 'users', 'id'>,
          Link<'controller_id', 'controllers', 'id'>,
        ]
      >
      login_failures: View<
        {
          id: number
          failed_at: string | null
          user_public_id: string | null
          address: string | null
          agent: string | null
          reason: string | null
          username: string | null
        },
        []
      >
      me: View<
        {
          public_id: string | null
          name: string | null
          email: string | null
          role: 'controller' | 'viewer' | 'operator' | 'admin' | null
        },
        []
      >
      measurements: View<
        {
          ts: string
          event: string | null
          value: number | null
          unit: string | null
          quality: number | null
          area: string | null
          event_id: number
          event_public_id: string | null
        },
        []
      >
      most_frequent_alarms: View<
        {
          rule_id: number | null
          event_id: number | null
          name: string | null
          severity: string | null
          raised: number | null
          share: number | null
          last_raised_at: string | null
        },
        []
      >
      plugin_instances: View<
        {
          id: number
          public_id: string | null
          controller_id: number | null
          name: string | null
          plugin: string | null
          demo_mode: boolean | null
          enabled: boolean | null
          interval_seconds: number | null
          config: Json | null
          secrets: Json | null
          secret_names: Json | null
          status: string | null
          status_detail: string | null
          setting_error: string | null
          reported_at: string | null
          created_at: string | null
        },
        [
          Link<'controller_id', 'controllers', 'id'>,
        ]
      >
      plugin_package_assignments: View<
        {
          id: number
          controller_id: number | null
          package_id: number | null
          name: string | null
          state: string | null
          detail: string | null
          reported_at: string | null
          created_at: string | null
        },
        [
          Link<'controller_id', 'controllers', 'id'>,
        ]
      >
      plugin_packages: View<
        {
          id: number
          name: string | null
          version: string | null
          file_name: string | null
          size: number | null
          sha256: string | null
          summary: string | null
          requires_python: string | null
          requires: Json | null
          plugins: Json | null
          signed_by: string | null
          author: string | null
          user_id: number | null
          created_at: string | null
        },
        [
          Link<'user_id', 'users', 'id'>,
        ]
      >
      retention: View<
        {
          unit: string
          age_days: number | null
          budget_bytes: number | null
          dropped_to: string | null
          over_budget: boolean | null
          least_days: number | null
        },
        []
      >
      rule_actions: View<
        {
          id: number
          public_id: string | null
          rule_id: number | null
          kind: string | null
          webhook_type: string | null
          event_id: number | null
          value: number | null
        },
        [
          Link<'rule_id', 'rules', 'id'>,
          Link<'event_id', 'events', 'id'>,
        ]
      >
      rule_states: View<
        {
          rule_id: number
          signal: boolean | null
          signal_since: string | null
          active: boolean | null
          active_since: string | null
          last_fired_at: string | null
          due_at: string | null
          failure: string | null
          failed_at: string | null
          reset_at: string | null
        },
        []
      >
      rules: View<
        {
          id: number
          public_id: string | null
          name: string | null
          event_id: number | null
          kind: string | null
          operator: string | null
          threshold: number | null
          threshold_high: number | null
          deadband: number | null
          window_seconds: number | null
          timeout_seconds: number | null
          on_delay_seconds: number | null
          off_delay_seconds: number | null
          cooldown_seconds: number | null
          severity: string | null
          latched: boolean | null
          suppressed_by: string | null
          message: string | null
          enabled: boolean | null
          created_at: string | null
          version: number | null
          changed_by: string | null
        },
        [
          Link<'event_id', 'events', 'id'>,
        ]
      >
      sessions: View<
        {
          jti: string | null
          user_public_id: string | null
          role: 'controller' | 'viewer' | 'operator' | 'admin' | null
          is_current: boolean | null
          created_at: string | null
          expires_at: string | null
          last_used_at: string | null
          revoked_at: string | null
          first_address: string | null
          first_agent: string | null
          last_used_address: string | null
          last_used_agent: string | null
          username: string | null
          state: string | null
        },
        []
      >
      standing_alarms: View<
        {
          id: number
          rule_id: number | null
          event_id: number | null
          name: string | null
          severity: string | null
          state: string | null
          silenced_by: string | null
          active_since: string | null
          active_seconds: number | null
          stale: boolean | null
        },
        [
          Link<'rule_id', 'rules', 'id'>,
          Link<'event_id', 'events', 'id'>,
        ]
      >
      storage: View<
        {
          unit: string | null
          month: string | null
          bytes: number | null
          rows_estimated: number | null
        },
        []
      >
      storage_forecast: View<
        {
          bytes: number | null
          bytes_per_day: number | null
          free_bytes: number | null
          reported_at: string | null
          full_on: string | null
          trouble: string | null
        },
        []
      >
      update_bundles: View<
        {
          id: number
          product: string | null
          version: string | null
          counter: number | null
          from_version: string | null
          architecture: string | null
          python: string | null
          made_at: string | null
          expires_at: string | null
          changes: string | null
          parts: Json | null
          signed_by: Json | null
          file_name: string | null
          size: number | null
          sha256: string | null
          author: string | null
          user_id: number | null
          created_at: string | null
          given: boolean | null
        },
        [
          Link<'user_id', 'users', 'id'>,
        ]
      >
      update_offers: View<
        {
          id: number
          file_name: string | null
          product: string | null
          version: string | null
          architecture: string | null
          size: number | null
          sha256: string | null
          notes: string | null
          state: string | null
          received: number | null
          detail: string | null
          found_at: string | null
        },
        []
      >
      update_source: View<
        {
          source: string | null
          checked_at: string | null
          problem: string | null
        },
        []
      >
      update_steps: View<
        {
          id: number
          update_id: number | null
          state: string | null
          detail: string | null
          at: string | null
        },
        [
          Link<'update_id', 'updates', 'id'>,
        ]
      >
      updates: View<
        {
          id: number
          controller_id: number | null
          bundle_id: number | null
          state: string | null
          detail: string | null
          received: number | null
          author: string | null
          user_id: number | null
          approved_by: string | null
          approved_at: string | null
          roll_back_by: string | null
          roll_back_at: string | null
          withdrawn_by: string | null
          created_at: string | null
          changed_at: string | null
          finished_at: string | null
        },
        [
          Link<'controller_id', 'controllers', 'id'>,
          Link<'bundle_id', 'update_bundles', 'id'>,
          Link<'user_id', 'users', 'id'>,
        ]
      >
      users: View<
        {
          id: number
          public_id: string | null
          username: string | null
          email: string | null
          email_confirmed: boolean | null
          role: 'controller' | 'viewer' | 'operator' | 'admin' | null
          state: 'pending' | 'active' | 'disabled' | null
          created_at: string | null
          last_seen_at: string | null
          last_seen_address: string | null
          last_seen_agent: string | null
        },
        []
      >
      webhook_deliveries: View<
        {
          id: number
          message_id: string | null
          webhook_id: number | null
          type: string | null
          content_type: string | null
          body: string | null
          state: string | null
          attempts: number | null
          created_at: string | null
          attempted_at: string | null
          next_attempt_at: string | null
          expires_at: string | null
          delivered_at: string | null
          response_status: number | null
          response: string | null
          error: string | null
        },
        [
          Link<'webhook_id', 'webhooks', 'id'>,
        ]
      >
      webhooks: View<
        {
          id: number
          public_id: string | null
          name: string | null
          url: string | null
          secret: string | null
          types: string[] | null
          event_ids: number[] | null
          min_severity: string | null
          template: string | null
          content_type: string | null
          reading_interval_seconds: number | null
          enabled: boolean | null
          disabled_reason: string | null
          failures: number | null
          retry_at: string | null
          created_at: string | null
        },
        []
      >
    }
    Functions: {
      acknowledge_alarm: Function<{
        alarm_ids: number[]
        comment?: string
      }>
      approve_update: Function<{
        update_id: number
      }>
      delete_datapoints: Function<{
        event_id: number
        from: string
        to: string
      }>
      experiment_file: Function<{
        file_id: number
      }>
      experiment_summary: Function<{
        experiment_id: number
      }>
      history_partitions: Function<Record<PropertyKey, never>>
      ingest: Function<{
        points: Json
      }>
      preview_retention: Function<{
        age_days: number
        budget_bytes: number
        unit: string
      }>
      purge_event: Function<{
        event_id: number
      }>
      redeliver: Function<{
        delivery_id: number
      }>
      reset_alarm: Function<{
        alarm_id: number
        comment?: string
      }>
      reset_password: Function<{
        hours?: number
        user_public_id: string
      }>
      revoke: Function<{
        jti: string
      }>
      revoke_all: Function<{
        but_this_one?: boolean
        user_public_id?: string
        what?: string
      }>
      roll_back_update: Function<{
        update_id: number
      }>
      rotate_webhook_secret: Function<{
        keep_previous_seconds?: number
        webhook_id: number
      }>
      save_rule: Function<{
        rule: Json
      }>
      series: Function<{
        buckets?: number
        event_ids: number[]
        from: string
        to?: string
      }>
      set_value: Function<{
        event_id: number
        public_id?: string
        reason?: string
        ttl_seconds?: number
        value: number
      }>
      shelve_alarm: Function<{
        alarm_id: number
        reason: string
        until: string
      }>
      start_experiment: Function<{
        description?: string
        event_ids?: number[]
        keep?: boolean
        kind?: string
        name: string
        parameters?: Json
        started_at?: string
      }>
      statistics: Function<{
        above?: number
        below?: number
        event_id: number
        from: string
        to?: string
      }>
      stop_experiment: Function<{
        experiment_id: number
      }>
      test_rule: Function<{
        from: string
        rule: Json
        to?: string
      }>
      test_webhook: Function<{
        webhook_id: number
      }>
      unshelve_alarm: Function<{
        alarm_id: number
      }>
      upload_experiment_file: Function<Record<PropertyKey, never>>
      verify_audit: Function<Record<PropertyKey, never>>
      withdraw_update: Function<{
        update_id: number
      }>
    }
  }
}

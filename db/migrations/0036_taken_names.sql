-- What is unique says so in a sentence that begins with its column, as all other constraints do.
alter table private.controllers rename constraint controllers_name_key to "name is taken by another controller";
alter table private.events rename constraint events_name_key to "name is taken by another event";
alter table private.experiments rename constraint experiments_name_key to "name is taken by another experiment";
alter table private.rules rename constraint rules_name_key to "name is taken by another rule";
alter table private.webhooks rename constraint webhooks_name_key to "name is taken by another webhook";
alter table private.plugin_instances
    rename constraint plugin_instances_controller_id_name_key to "name is taken by another instance of this controller";
alter table private.channel_mappings
    rename constraint channel_mappings_event_id_key to "event_id is the event of another channel";
alter table private.channel_mappings
    rename constraint channel_mappings_plugin_instance_id_channel_key to "channel is there already";

"""A meter that is heard by MQTT: a real broker, and Home Assistant's own MQTT integration."""

"""The channels of the demo mode where piCtory has saved nothing: a small plant at a Connect with DIO and AIO."""

from webmacs_controller.sdk import ON_OFF, Channel, Direction, Shape, Simulation

CHANNELS = [
    Channel("I_1", "Door closed", "on/off", 0, 1, simulation=ON_OFF),
    Channel("I_2", "Level switch", "on/off", 0, 1, simulation=Simulation(0.5, 0.5, 240, shape=Shape.STEP)),
    Channel(
        "Counter_3", "Water meter", "counts", 0, 2**32 - 1, simulation=Simulation(5e5, 5e5, 86_400, shape=Shape.RAMP)
    ),
    Channel("InputValue_1", "Pressure", "mA", 3.8, 20.5, simulation=Simulation(11, 3, 180, 0.02)),
    Channel("InputValue_2", "Flow", "V", 0, 10, simulation=Simulation(4, 2, 120, 0.02)),
    Channel("RTDValue_1", "Feed temperature", "°C", -200, 850, simulation=Simulation(65, 8, 900, 0.05)),
    Channel("RTDValue_2", "Return temperature", "°C", -200, 850, simulation=Simulation(48, 6, 900, 0.05)),
    Channel("Core_Temperature", "Base module", "°C", 0, 255, simulation=Simulation(47, 3, 1200)),
    Channel("O_1", "Pump", "on/off", 0, 1, Direction.OUTPUT, 0, ON_OFF),
    Channel("O_2", "Valve", "on/off", 0, 1, Direction.OUTPUT, 0, ON_OFF),
    Channel("OutputValue_1", "Heater", "V", 0, 10, Direction.OUTPUT, 0),
    Channel("core.a1green", "LED A1, green", "on/off", 0, 1, Direction.OUTPUT, 0, ON_OFF),
]

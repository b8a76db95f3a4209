"""Programs of the SDKs while the network fails and heals: no future is lost, none is told twice, no function runs twice.
C5, C6."""
import network  # It makes the modules of tests/abuse known.
import harness

ROUNDS = harness.size('PARTITIONS', 1)


class ProgramsGoOnAfterTheNetworkHeals(network.SdkTest):
    def test_a_partition(self):
        def fault(_):
            for _ in range(ROUNDS):
                self.network.cut()
                self.wait_until_missed()
                self.network.heal()
                self.pass_time(0.5)
        self.for_each_sdk(fault)

    def test_a_partition_that_the_daemon_does_not_hear(self):
        """What clients say is lost, what the daemon says arrives."""
        def fault(_):
            self.network.server.drop_what_comes()
            self.wait_until_missed()
            self.network.heal()
        self.for_each_sdk(fault)

    def test_a_partition_that_clients_do_not_hear(self):
        def fault(_):
            self.network.client.drop_what_comes()
            self.wait_until_missed()
            self.network.heal()
        self.for_each_sdk(fault)

    def test_a_cable_that_is_unplugged(self):
        def fault(_):
            machine = self.network.client
            machine.ip('link', 'set', machine.cable, 'down')
            self.wait_until_missed()
            machine.ip('link', 'set', machine.cable, 'up')
        self.for_each_sdk(fault)


if __name__ == '__main__':
    network.main()

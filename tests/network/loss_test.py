"""Programs of the SDKs while connections are reset, packets are lost, and they sleep: no future is lost, none is told twice,
no function runs twice. C2, C6, C7."""
import signal

import network


class ProgramsGoOnAfterResets(network.SdkTest):
    def test_that_the_daemon_never_hears_of(self):
        def fault(_):
            self.network.server.reset_what_comes()
            self.pass_time(0.5)
            self.network.heal()
        self.for_each_sdk(fault)

    def test_that_clients_never_hear_of(self):
        def fault(_):
            self.network.client.reset_what_comes()
            self.pass_time(0.5)
            self.network.heal()
        self.for_each_sdk(fault)


class ProgramsGoOnWhenPacketsAreLost(network.SdkTest):
    def test_one_in_ten_both_ways(self):
        def fault(_):
            for machine in self.network.machines:
                machine.drop_some_of_what_comes(0.1)
        self.for_each_sdk(fault)


class ProgramsThatAreStoppedGoOn(network.SdkTest):
    def test_after_the_daemon_has_given_them_up(self):
        def fault(client):
            client.process.send_signal(signal.SIGSTOP)
            self.wait_until_missed()
            client.process.send_signal(signal.SIGCONT)
        self.for_each_sdk(fault)


if __name__ == '__main__':
    network.main()

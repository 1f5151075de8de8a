BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
}

AfterAll { Remove-Module PSSecureChat -ErrorAction Ignore }

Describe 'Connect-ChatPeer' {
    BeforeAll {
        $alice = Start-ChatServer 127.0.0.1 0 alice -Ephemeral -AcceptFrom Anyone
        $carol = Start-ChatServer 127.0.0.1 0 carol -Ephemeral -AcceptFrom Anyone
        $bob = Start-ChatServer 127.0.0.1 0 bob -Ephemeral
    }
    AfterAll { Stop-Conversation }

    It 'makes a peer known' -Tag Success {
        $peer = Connect-ChatPeer $alice.Address $alice.Port
        $peer | Should -BeOfType ([PSSecureChat.ChatPeer])
        "$($peer.Name) $($peer.State) $($peer.Trust)" | Should -Be 'alice Online Unverified'
    }

    It 'verifies a peer whose fingerprint was given, and refuses another one' -Tag Success, BadInput {
        (Connect-ChatPeer $alice.Endpoint -Fingerprint $alice.Fingerprint).Trust | Should -Be Verified
        Assert-Error { Connect-ChatPeer $carol.Endpoint -Fingerprint $alice.Fingerprint } FingerprintMismatch
    }

    It 'refuses bad input: <Id> for <Address>' -Tag BadInput -ForEach @(
        @{ Id = 'HostUnknown'; Address = 'no-such-host.invalid:8095' }
        @{ Id = 'AddressNotUsable'; Address = '127.0.0.1:abc' }
        @{ Id = 'AddressNotUsable'; Address = '127.0.0.1' }
        @{ Id = 'InvitationNotUsable'; Address = 'pssc1_abc' }
    ) { Assert-Error { Connect-ChatPeer $Address } $Id }

    It 'does not dial itself' -Tag BadInput { Assert-Error { Connect-ChatPeer $bob.Endpoint } OwnAddress }

    It 'takes rows of a file' -Tag Pipeline {
        "ComputerName,Port,Fingerprint`n127.0.0.1,$($alice.Port),`n127.0.0.1,$($carol.Port),$($carol.Fingerprint)" | Set-Content $TestDrive/peers.csv
        (Import-Csv $TestDrive/peers.csv | Connect-ChatPeer).Name | Should -Be alice, carol
    }

    It 'completes the server to speak through' -Tag Tab { Get-CompletionText 'Connect-ChatPeer 127.0.0.1:1 -Server b' | Should -Be bob }
}

Describe 'Get-ChatPeer' {
    BeforeAll { Start-Conversation }
    AfterAll { Stop-Conversation }

    It 'tells how a peer stands' -Tag Success {
        $peer = Get-ChatPeer alice
        "$($peer.State) $($peer.Trust) $($peer.Fingerprint)" | Should -Be "Online Unverified $($alice.Fingerprint)"
        $peer.SafetyNumber | Should -Match '^(\d{5} ){11}\d{5}$'
        $peer.SafetyNumber | Should -Be (Get-ChatPeer bob -Server alice).SafetyNumber
    }

    It 'names one that is not there' -Tag BadInput {
        Assert-Error { Get-ChatPeer ghost } PeerUnknown
        Get-ChatPeer gh* | Should -BeNullOrEmpty
    }

    It 'takes names and servers from the pipeline' -Tag Pipeline {
        ('alice' | Get-ChatPeer).Name | Should -Be alice
        (Get-ChatServer | Get-ChatPeer).Name | Should -Be bob, alice
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Get-ChatPeer al' | Should -Be alice }
}

Describe 'Disconnect-ChatPeer' {
    BeforeAll { Start-Conversation }
    AfterAll { Stop-Conversation }

    It 'ends the conversation and keeps the peer' -Tag Success {
        Disconnect-ChatPeer alice
        Wait-Until { (Get-ChatPeer alice).State -eq 'Offline' }
        Send-ChatMessage alice later -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings | Should -Match 'not connected'
        $null = Connect-ChatPeer $alice.Endpoint
        Wait-Until { (Get-ChatPeer alice).Queued -eq 0 }
    }

    It 'names one that is not there' -Tag BadInput { Assert-Error { Disconnect-ChatPeer ghost } PeerUnknown }

    It 'takes peers from the pipeline' -Tag Pipeline { (Get-ChatPeer a* | Disconnect-ChatPeer -PassThru).Name | Should -Be alice }

    It 'completes names' -Tag Tab { Get-CompletionText 'Disconnect-ChatPeer ' | Should -Be alice }
}

Describe 'Remove-ChatPeer' {
    BeforeEach { Start-Conversation }
    AfterEach { Stop-Conversation }

    It 'deletes the peer with its messages' -Tag Success {
        $null = Send-ChatMessage alice hi -WaitFor Delivered
        Remove-ChatPeer alice -Confirm:$false
        Get-ChatPeer | Should -BeNullOrEmpty
        Get-ChatHistory | Should -BeNullOrEmpty
    }

    It 'names one that is not there' -Tag BadInput { Assert-Error { Remove-ChatPeer ghost } PeerUnknown }

    It 'takes peers from the pipeline, and does nothing with -WhatIf' -Tag Pipeline {
        Get-ChatPeer | Remove-ChatPeer -WhatIf
        (Get-ChatPeer).Name | Should -Be alice
        Get-ChatPeer | Remove-ChatPeer -Confirm:$false
        Get-ChatPeer | Should -BeNullOrEmpty
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Remove-ChatPeer a' | Should -Be alice }
}

BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
}

AfterAll { Remove-Module PSSecureChat -ErrorAction Ignore }

Describe 'Start-ChatServer' {
    AfterEach { Get-ChatServer | Stop-ChatServer }

    It 'listens where it was told to and says where' -Tag Success {
        $server = Start-ChatServer 127.0.0.1 0 ana -Ephemeral
        $server | Should -BeOfType ([PSSecureChat.ChatServer])
        $server.Endpoint | Should -Be "127.0.0.1:$($server.Port)"
        $server.Port | Should -BeGreaterThan 0
        $server.State | Should -Be Running
    }

    It 'opens the same identity again, with the passphrase only' -Tag Success {
        $first = Start-ChatServer 127.0.0.1 0 ana -Path $TestDrive/ana -Passphrase (Get-Passphrase)
        Stop-ChatServer
        Assert-Error { Start-ChatServer 127.0.0.1 0 ana -Path $TestDrive/ana -Passphrase (Get-Passphrase wrong) } WrongPassphrase
        Assert-Error { Start-ChatServer 127.0.0.1 0 ana -Path $TestDrive/ana } PassphraseNeeded
        (Start-ChatServer 127.0.0.1 0 ana -Path $TestDrive/ana -Passphrase (Get-Passphrase)).Fingerprint | Should -Be $first.Fingerprint
        Assert-Error { Start-ChatServer 127.0.0.1 0 other -Path $TestDrive/ana -Passphrase (Get-Passphrase) } StoreInUse
    }

    It 'refuses bad input: <Id>' -Tag BadInput -ForEach @(
        @{ Id = 'NameNotUsable'; Script = { Start-ChatServer 127.0.0.1 0 'a/b' -Ephemeral } }
        @{ Id = 'AddressNotLocal'; Script = { Start-ChatServer 192.0.2.1 0 ana -Ephemeral } }
        @{ Id = 'PortInUse'; Script = { $used = Start-ChatServer 127.0.0.1 0 ana -Ephemeral; Start-ChatServer 127.0.0.1 $used.Port bob -Ephemeral } }
        @{ Id = 'PassphraseNeeded'; Script = { Start-ChatServer 127.0.0.1 0 ana -Path $TestDrive/empty -Passphrase ([securestring]::new()) } }
    ) { Assert-Error $Script $Id }

    It 'says of arguments in another order that the port is none' -Tag BadInput {
        (Get-ErrorOf { Start-ChatServer ana 127.0.0.1 8095 }).Exception.Message | Should -Match "'127.0.0.1' is not a port"
    }

    It 'hands the server down the pipeline' -Tag Pipeline {
        Start-ChatServer 127.0.0.1 0 ana -Ephemeral | Stop-ChatServer -PassThru | ForEach-Object State | Should -Be Stopped
    }

    It 'starts nothing with -WhatIf' {
        Start-ChatServer 127.0.0.1 0 ana -Ephemeral -WhatIf | Should -BeNullOrEmpty
        Get-ChatServer | Should -BeNullOrEmpty
    }

    It 'completes -AcceptFrom' -Tag Tab {
        Get-CompletionText 'Start-ChatServer -AcceptFrom A' | Should -Be Anyone
    }
}

Describe 'Get-ChatServer' {
    BeforeAll { 'ana', 'bob' | ForEach-Object { $null = Start-ChatServer 127.0.0.1 0 $_ -Ephemeral } }
    AfterAll { Get-ChatServer | Stop-ChatServer }

    It 'gets all, the oldest first, or those that are named' -Tag Success {
        (Get-ChatServer).Name | Should -Be ana, bob
        (Get-ChatServer b*).Name | Should -Be bob
    }

    It 'names one that is not there' -Tag BadInput {
        Assert-Error { Get-ChatServer ghost } NoServer
        Get-ChatServer gh* | Should -BeNullOrEmpty
    }

    It 'takes names from the pipeline' -Tag Pipeline {
        ('bob', 'ana' | Get-ChatServer).Name | Should -Be bob, ana
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Get-ChatServer ' | Should -Be ana, bob }
}

Describe 'Stop-ChatServer' {
    BeforeEach { 'ana', 'bob' | ForEach-Object { $null = Start-ChatServer 127.0.0.1 0 $_ -Ephemeral } }
    AfterEach { Get-ChatServer | Stop-ChatServer }

    It 'stops the newest one, and with names those' -Tag Success {
        Stop-ChatServer
        (Get-ChatServer).Name | Should -Be ana
        Stop-ChatServer a*
        Get-ChatServer | Should -BeNullOrEmpty
    }

    It 'names one that is not there' -Tag BadInput {
        Assert-Error { Stop-ChatServer ghost } NoServer
        (Get-ChatServer).Count | Should -Be 2
    }

    It 'takes servers from the pipeline and passes them on' -Tag Pipeline {
        (Get-ChatServer | Stop-ChatServer -PassThru).State | Should -Be Stopped, Stopped
    }

    It 'stops nothing with -WhatIf' {
        Stop-ChatServer * -WhatIf
        (Get-ChatServer).Count | Should -Be 2
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Stop-ChatServer b' | Should -Be bob }
}

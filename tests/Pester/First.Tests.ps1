# Select-Object -First behind every cmdlet that emits more than one object, or the only one of something that must not be left without an owner.

BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest

    function Send-Two { Receive-ChatMessage -Consumer log -Server $alice | Out-Null; 'one', 'two' | Send-ChatMessage alice -WaitFor Delivered -Server $bob | Out-Null }
    function Send-Offer {
        Get-ChatTransfer -Server $bob | Where-Object { -not $_.HasEnded } | Stop-ChatTransfer -Server $bob
        Send-ChatFile alice $TestDrive/a.bin, $TestDrive/b.bin -Server $bob | Out-Null
        Wait-Until { @(Get-ChatTransfer -State Offered -Server $alice).Count -eq 2 -and @(Get-ChatTransfer -State Offered -Server $bob).Count -eq 2 }
    }
    function Start-Two { 'x1', 'x2' | ForEach-Object { Start-ChatServer 127.0.0.1 0 $_ -Ephemeral -AcceptFrom Anyone } | Out-Null }
    function Connect-Two { Start-Two; Get-ChatServer x* | Connect-Endpoint }
    filter Connect-Endpoint { Connect-ChatPeer $_.Endpoint -Server $bob | Out-Null }
}

Describe 'Select-Object -First' {
    BeforeAll {
        'a', 'b' | ForEach-Object { Set-Content $TestDrive/$_.bin $_ }
        New-Item $TestDrive/in -ItemType Directory | Out-Null
        $gone = Start-ChatServer 127.0.0.1 0 gone -Ephemeral -AcceptFrom Anyone
        Start-Conversation
        $gone | Connect-Endpoint
        Stop-ChatServer $gone
        1..3 | Send-ChatMessage gone -WarningAction Ignore
        1..2 | ForEach-Object { New-ChatInvitation } | Out-Null
        'log', 'old' | ForEach-Object { Receive-ChatMessage -Consumer $_ -Server alice } | Out-Null
        $silent = [System.Net.Sockets.TcpListener]::new([ipaddress]::Loopback, 0)
        $silent.Start()
    }
    AfterAll {
        $silent.Stop()
        Stop-Conversation
    }
    AfterEach {
        Get-ChatServer x* | Stop-ChatServer
        Remove-ChatPeer x* -Confirm:$false -Server $bob
        Get-EventSubscriber | Unregister-Event
        Get-Job | Remove-Job -Force
    }

    It 'ends <Emits>' -ForEach @(
        @{ Emits = { Get-ChatInbox -Server $alice }; Before = { Send-Two } }
        @{ Emits = { Get-ChatHistory -Server $bob } }
        @{ Emits = { Get-ChatHistory -Search o -Server $bob } }
        @{ Emits = { Get-ChatOutbox -Server $bob } }
        @{ Emits = { Get-ChatPeer -Server $bob } }
        @{ Emits = { Get-ChatServer } }
        @{ Emits = { Get-ChatConsumer -Server $alice } }
        @{ Emits = { Get-ChatInvitation -Server $bob } }
        @{ Emits = { Get-ChatTransfer -Server $bob }; Before = { Send-Offer } }
        @{ Emits = { Receive-ChatMessage -Server $alice }; Before = { Send-Two } }
        @{ Emits = { Receive-ChatMessage -Wait -Server $alice }; Before = { Send-Two } }
        @{ Emits = { Receive-ChatMessage -Peek -Wait -Server $alice }; Before = { Send-Two } }
        @{ Emits = { Receive-ChatMessage -Consumer log -Wait -Server $alice }; Before = { Send-Two } }
        @{ Emits = { Wait-ChatMessage -Server $alice }; Before = { Send-Two } }
        @{ Emits = { 1..100 | Send-ChatMessage alice -PassThru -Server $bob } }
        @{ Emits = { 1..100 | Send-ChatMessage alice -WaitFor Delivered -Server $bob } }
        @{ Emits = { Send-ChatMessage alice, gone hi -WaitFor Delivered -Server $bob -WarningAction Ignore } }
        @{ Emits = { Send-ChatFile alice $TestDrive/*.bin -Server $bob } }
        @{ Emits = { Send-ChatFile alice $TestDrive/*.bin -AsJob -Server $bob } }
        @{ Emits = { Receive-ChatFile -Destination $TestDrive/in -Server $alice }; Before = { Send-Offer } }
        @{ Emits = { Receive-ChatFile -Destination $TestDrive/in -Wait -Server $alice }; Before = { Send-Offer } }
        @{ Emits = { Suspend-ChatTransfer *.bin -PassThru -Server $bob }; Before = { Send-Offer } }
        @{ Emits = { Resume-ChatTransfer *.bin -PassThru -Server $bob }; Before = { Send-Offer; Suspend-ChatTransfer *.bin -Server $bob } }
        @{ Emits = { Stop-ChatTransfer *.bin -PassThru -Server $bob }; Before = { Send-Offer } }
        @{ Emits = { Test-ChatPeer alice -Count 1000000 -Server $bob } }
        @{ Emits = { $alice.Endpoint, $alice.Endpoint | Connect-ChatPeer -Server $bob } }
        @{ Emits = { Disconnect-ChatPeer x* -PassThru -Server $bob }; Before = { Connect-Two } }
        @{ Emits = { Block-ChatPeer x* -PassThru -Server $bob }; Before = { Connect-Two } }
        @{ Emits = { Unblock-ChatPeer x* -PassThru -Server $bob }; Before = { Connect-Two; Block-ChatPeer x* -Server $bob } }
        @{ Emits = { Stop-ChatServer x* -PassThru }; Before = { Start-Two } }
        @{ Emits = { Start-ChatServer 127.0.0.1 0 x3 -Ephemeral } }
        @{ Emits = { New-ChatInvitation -Server $bob } }
        @{ Emits = { Register-ChatEvent PeerConnected -Action { } -Server $bob } }
        @{ Emits = { Connect-ChatPeer "$($silent.LocalEndpoint)" -TimeoutSec 3600 -Verbose -Server $bob 4>&1 } }
        @{ Emits = { Test-ChatPeer "$($silent.LocalEndpoint)" -TimeoutSec 3600 -Verbose -Server $bob 4>&1 } }
        @{ Emits = { Send-ChatMessage alice hi -WaitFor Read -TimeoutSec 3600 -Verbose -Server $bob 4>&1 } }
        @{ Emits = { Stop-ChatServer x2 -Verbose 4>&1 }; Before = { Start-Two } }
    ) {
        if ($Before) { & $Before }
        $Error.Clear()
        & $Emits | Select-Object -First 1 | Should -HaveCount 1
        $Error | Should -BeNullOrEmpty
        (Send-ChatMessage alice after -WaitFor Delivered -Server $bob).State | Should -Be Delivered
        (Get-ChatConsumer -Server $alice).InUse | Should -Not -Contain $true
    }
}

BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
}

AfterAll { Remove-Module PSSecureChat -ErrorAction Ignore }

Describe 'Two people talk' {
    BeforeEach { Start-Conversation }
    AfterEach { Stop-Conversation }

    It 'both ways' {
        Send-ChatMessage alice 'hello alice' -WaitFor Delivered | Should -BeOfType ([PSSecureChat.ChatMessage])
        Send-ChatMessage bob 'hello bob' -Server alice -WaitFor Delivered | ForEach-Object State | Should -Be Delivered
        (Get-ChatInbox -Server alice).Text | Should -BeExactly 'hello alice'
        (Get-ChatInbox alice).Text | Should -BeExactly 'hello bob'
    }

    It 'with texts from the pipeline, in order' {
        1..100 | Send-ChatMessage alice
        Wait-Until { (Get-ChatPeer bob -Server alice).Unread -eq 100 }
        (Get-ChatInbox -Server alice).Text | Should -Be (1..100)
    }

    It 'with peers from the pipeline' {
        Get-ChatPeer | Send-ChatMessage 'hi all' -WaitFor Delivered | ForEach-Object To | Should -Be alice
        Get-ChatPeer -Server alice | Send-ChatMessage -Message 'hi back' -WaitFor Delivered | ForEach-Object To | Should -Be bob
        (Get-ChatInbox).Text | Should -Be 'hi back'
    }

    It 'and the inbox is filtered with Where-Object and with its own parameters' {
        'disk full on web1', 'all is well', 'disk full on web2' | Send-ChatMessage alice -WaitFor Delivered | Out-Null
        (Get-ChatInbox -Server alice | Where-Object Text -like 'disk*').Count | Should -Be 2
        (Get-ChatInbox bob -Server alice -Last 1).Text | Should -Be 'disk full on web2'
        Get-ChatInbox -Server alice -Unread | Should -BeNullOrEmpty
        Get-ChatInbox -Server alice -Before (Get-Date).AddDays(-1) | Should -BeNullOrEmpty
        (Get-ChatInbox -Server alice -After (Get-Date).AddDays(-1)).Count | Should -Be 3
        Get-ChatInbox nobody* -Server alice | Should -BeNullOrEmpty
    }

    It 'and what Select-Object -First takes is read, the rest is not' {
        'one', 'two', 'three' | Send-ChatMessage alice -WaitFor Delivered | Out-Null
        (Get-ChatInbox -Unread -Server alice | Select-Object -First 1).Text | Should -Be one
        (Receive-ChatMessage -Wait -Server alice | Select-Object -First 1).Text | Should -Be two
        (Get-ChatInbox -Unread -Server alice).Text | Should -Be three
    }

    It 'and a stream ends in time without an error' {
        Receive-ChatMessage -Wait -TimeoutSec 0.05 -ErrorAction Stop | Should -BeNullOrEmpty
    }

    It 'and messages are objects that export' {
        Send-ChatMessage alice hi -WaitFor Delivered | Out-Null
        $row = Get-ChatInbox -Server alice | Select-Object From, Text, SentAt | ConvertTo-Csv | ConvertFrom-Csv
        $row.From | Should -Be bob
        $row.Text | Should -Be hi
    }

    It 'and a CSV of addresses connects' {
        $dave = Start-ChatServer 127.0.0.1 0 dave -Ephemeral -AcceptFrom Anyone
        $csv = "ComputerName,Port`n127.0.0.1,$($dave.Port)"
        ($csv | ConvertFrom-Csv | Connect-ChatPeer -Server bob).Name | Should -Be dave
    }

    It 'from ForEach-Object -Parallel' {
        1..4 | ForEach-Object -Parallel { Import-Module $using:Manifest; Send-ChatMessage alice $_ -Server $using:bob -WaitFor Delivered } |
            Should -HaveCount 4
        (Get-ChatInbox -Server alice).Text | Sort-Object | Should -Be (1..4)
    }
}

Describe 'What is refused' {
    BeforeAll {
        Start-Conversation

        function Get-ErrorWithoutServer([string] $Script) {
            Start-ThreadJob {
                Import-Module $using:Manifest
                try { & ([scriptblock]::Create("$using:Script -ErrorAction Stop")) } catch { $_.FullyQualifiedErrorId }
            } | Receive-Job -Wait -AutoRemoveJob
        }
    }

    AfterAll { Stop-Conversation }

    It '<Script> is the error <Id>' -ForEach @(
        @{ Script = "Send-ChatMessage ghost hi"; Id = 'PeerUnknown' }
        @{ Script = "Get-ChatPeer ghost"; Id = 'PeerUnknown' }
        @{ Script = "Get-ChatInbox ghost"; Id = 'PeerUnknown' }
        @{ Script = "Send-ChatMessage alice ('x' * 2MB)"; Id = 'TextTooLarge' }
        @{ Script = "Connect-ChatPeer no-such-host.invalid 8095"; Id = 'HostUnknown' }
        @{ Script = "Connect-ChatPeer 127.0.0.1:abc"; Id = 'AddressNotUsable' }
        @{ Script = "Connect-ChatPeer 127.0.0.1"; Id = 'AddressNotUsable' }
        @{ Script = "Start-ChatServer 127.0.0.1 0 'a/b' -Ephemeral"; Id = 'NameNotUsable' }
        @{ Script = "Start-ChatServer 127.0.0.1 `$alice.Port carol -Ephemeral"; Id = 'PortInUse' }
        @{ Script = "Start-ChatServer 192.0.2.1 0 carol -Ephemeral"; Id = 'AddressNotLocal' }
    ) {
        $thrown = try { & ([scriptblock]::Create("$Script -ErrorAction Stop")) } catch { $_ }
        $thrown.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $thrown.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'an unknown name leaves $? false and the others with their text' {
        $sent = Send-ChatMessage ghost, alice hi -WaitFor Delivered -ErrorAction SilentlyContinue -ErrorVariable failed
        $sent.To | Should -Be alice
        $failed.TargetObject | Should -Be ghost
    }

    It 'no server at all' {
        Get-ErrorWithoutServer 'Get-ChatPeer' | Should -BeLike 'NoServer,*'
    }
}

BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
    Start-Conversation
}

AfterAll {
    Stop-Conversation
    Remove-Module PSSecureChat -ErrorAction Ignore
}

Describe 'Send-ChatMessage' {
    It 'ends when the peer has stored the text, and tells the truth about it' -Tag Success {
        $sent = Send-ChatMessage alice 'hello' -WaitFor Delivered
        "$($sent.From) $($sent.To) $($sent.State) $($sent.Text)" | Should -Be 'bob alice Delivered hello'
    }

    It 'is silent without -PassThru' -Tag Success { Send-ChatMessage alice quiet | Should -BeNullOrEmpty }

    It 'refuses bad input: <Id>' -Tag BadInput -ForEach @(
        @{ Id = 'PeerUnknown'; Script = { Send-ChatMessage ghost hi } }
        @{ Id = 'TextTooLarge'; Script = { Send-ChatMessage alice ('x' * 2MB) } }
        @{ Id = 'ExpiryNotUsable'; Script = { Send-ChatMessage alice hi -ExpiresIn '-0:01' } }
        @{ Id = 'NoServer'; Script = { Send-ChatMessage alice hi -Server ghost } }
    ) { Assert-Error $Script $Id }

    It 'takes texts, peers and rows from the pipeline' -Tag Pipeline {
        ('one', 'two' | Send-ChatMessage alice -PassThru).Text | Should -Be one, two
        (Get-ChatPeer | Send-ChatMessage 'to all' -PassThru).To | Should -Be alice
        ([pscustomobject]@{ To = 'alice'; Message = 'from a row' } | Send-ChatMessage -PassThru).Text | Should -Be 'from a row'
    }

    It 'takes rows of a file, with other columns and expiry, and other objects whole' -Tag Pipeline {
        "To,Message,ExpiresIn,Priority`nalice,first,1:00,high`na*,second,," | Set-Content $TestDrive/rows.csv
        Import-Csv $TestDrive/rows.csv | Send-ChatMessage -PassThru | ForEach-Object { "$($_.Text) $($null -ne $_.ExpiresAt)" } | Should -Be 'first True', 'second False'
        $log = Get-Item $TestDrive/rows.csv | Select-Object Length, @{ Name = 'Message'; Expression = { 'disk full' } }
        (($log | Send-ChatMessage -To alice -PassThru).Text | ConvertFrom-Json).Length | Should -Be (Get-Item $TestDrive/rows.csv).Length
    }

    It 'answers messages, also those from a file or a job' -Tag Pipeline {
        $null = Get-ChatInbox
        $question = Send-ChatMessage bob 'anybody there?' -Server alice -WaitFor Delivered
        Get-ChatInbox -Unread | Export-Clixml $TestDrive/question.xml
        foreach ($messages in (Get-ChatInbox -Last 1), (Import-Clixml $TestDrive/question.xml), (Start-ThreadJob { $using:question } | Receive-Job -Wait -AutoRemoveJob)) {
            $answer = $messages | Send-ChatMessage -Message auto -PassThru
            $answer.InReplyTo | Should -Be $question.Id
            "$($answer.From) $($answer.To)" | Should -BeIn 'bob alice', 'alice bob'
        }
        { Get-ChatInbox -Last 1 | Send-ChatMessage auto -ErrorAction Stop } | Should -Throw '*No peer is named ''auto''*'
    }

    It 'sends nothing with -WhatIf' {
        $before = (Get-ChatHistory).Count
        Send-ChatMessage * 'never' -WhatIf
        (Get-ChatHistory).Count | Should -Be $before
    }

    It 'completes names, again after a comma, and states' -Tag Tab {
        Get-CompletionText 'Send-ChatMessage ' | Should -Be alice
        Get-CompletionText 'Send-ChatMessage ghost, ' | Should -Be alice
        Get-CompletionText 'Send-ChatMessage alice hi -WaitFor D' | Should -Be Delivered
    }
}

Describe 'Get-ChatInbox' {
    BeforeEach {
        $null = Get-ChatInbox
        $null = 'one', 'two' | Send-ChatMessage bob -Server alice -WaitFor Delivered
    }

    It 'gets what came, and what is taken is read' -Tag Success {
        (Get-ChatInbox -Unread).Text | Should -Be one, two
        Get-ChatInbox -Unread | Should -BeNullOrEmpty
        (Get-ChatInbox alice -Last 1).Text | Should -Be two
        Get-ChatInbox -Before (Get-Date).AddDays(-1) | Should -BeNullOrEmpty
    }

    It 'names a peer that is not there' -Tag BadInput {
        Assert-Error { Get-ChatInbox ghost } PeerUnknown
        Get-ErrorOf { Get-ChatInbox -Last 0 } | Should -Not -BeNullOrEmpty
    }

    It 'goes on into filters and answers' -Tag Pipeline {
        (Get-ChatInbox -Unread | Where-Object Text -eq two | ForEach-Object { Send-ChatMessage $_.Peer "re: $($_.Text)" -InReplyTo $_ -PassThru }).Text | Should -Be 're: two'
        (Get-ChatPeer | Get-ChatInbox -Last 1).Text | Should -Be two
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Get-ChatInbox -From ' | Should -Be alice }
}

Describe 'Get-ChatHistory' {
    BeforeAll {
        $null = Send-ChatMessage alice 'question 1' -WaitFor Delivered
        $null = Send-ChatMessage bob 'answer 1' -Server alice -WaitFor Delivered
    }

    It 'gets both directions and marks nothing as read' -Tag Success {
        (Get-ChatHistory alice -Last 2).Text | Should -Be 'question 1', 'answer 1'
        (Get-ChatHistory -Search 'ANSWER').Text | Should -Be 'answer 1'
        (Get-ChatInbox -Unread).Text | Should -Contain 'answer 1'
    }

    It 'names a peer that is not there' -Tag BadInput { Assert-Error { Get-ChatHistory ghost } PeerUnknown }

    It 'takes peers and servers from the pipeline' -Tag Pipeline {
        (Get-ChatPeer | Get-ChatHistory -Last 1).Text | Should -Be 'answer 1'
        (Get-ChatServer | Get-ChatHistory -Last 1).Text | Should -Be 'answer 1', 'answer 1'
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Get-ChatHistory -With a' | Should -Be alice }
}

Describe 'Get-ChatOutbox' {
    BeforeAll {
        $away = Start-ChatServer 127.0.0.1 0 away -Ephemeral -AcceptFrom Anyone
        $null = Connect-ChatPeer $away.Endpoint -Server bob
        Stop-ChatServer $away
        Wait-Until { (Get-ChatPeer away -Server bob).State -eq 'Offline' }
        Send-ChatMessage away 'are you there?' -Server bob -WarningAction Ignore
    }
    AfterAll { Remove-ChatPeer away -Server bob -Confirm:$false }

    It 'gets what waits, with the reason' -Tag Success {
        $waiting = Get-ChatOutbox away
        $waiting.Text | Should -Be 'are you there?'
        $waiting.Reason | Should -Not -BeNullOrEmpty
    }

    It 'names a peer that is not there' -Tag BadInput { Assert-Error { Get-ChatOutbox ghost } PeerUnknown }

    It 'goes on into Remove-ChatMessage' -Tag Pipeline {
        Send-ChatMessage away 'too hasty' -Server bob -WarningAction Ignore
        Get-ChatPeer away | Get-ChatOutbox | Where-Object Text -eq 'too hasty' | Remove-ChatMessage
        (Get-ChatOutbox).Text | Should -Be 'are you there?'
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Get-ChatOutbox aw' | Should -Be away }
}

Describe 'Receive-ChatMessage' {
    BeforeEach {
        $null = Receive-ChatMessage
        $null = 'one', 'two', 'three' | Send-ChatMessage bob -Server alice -WaitFor Delivered
    }

    It 'takes what is unread; with -Peek it stays unread' -Tag Success {
        (Receive-ChatMessage -Peek).Text | Should -Be one, two, three
        (Receive-ChatMessage).Text | Should -Be one, two, three
        Receive-ChatMessage | Should -BeNullOrEmpty
    }

    It 'ends in time without an error' -Tag Success {
        (Receive-ChatMessage alice -Wait -TimeoutSec 0.1 -ErrorAction Stop).Count | Should -Be 3
    }

    It 'names a peer that is not there' -Tag BadInput { Assert-Error { Receive-ChatMessage ghost -Wait } PeerUnknown }

    It 'stops with Select-Object -First, and leaves the rest' -Tag Pipeline {
        (Receive-ChatMessage -Wait | Select-Object -First 1).Text | Should -Be one
        (Receive-ChatMessage -Wait | Select-Object -First 1).Text | Should -Be two
        (Receive-ChatMessage).Text | Should -Be three
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Receive-ChatMessage ' | Should -Contain alice }
}

Describe 'Remove-ChatMessage' {
    It 'removes one by its object or its id' -Tag Success {
        $first, $second = 'first', 'second' | Send-ChatMessage alice -WaitFor Delivered
        Remove-ChatMessage $first -WarningAction Ignore
        Remove-ChatMessage -Id $second.Id -WarningAction Ignore
        (Get-ChatHistory).Id | Should -Not -Contain $first.Id
        (Get-ChatHistory).Id | Should -Not -Contain $second.Id
    }

    It 'names an id that is not there' -Tag BadInput {
        Assert-Error { Remove-ChatMessage -Id ([guid]::NewGuid()) } MessageUnknown
        Get-ErrorOf { Remove-ChatMessage -Id abc } | Should -Not -BeNullOrEmpty
    }

    It 'takes messages from the pipeline, and does nothing with -WhatIf' -Tag Pipeline {
        $null = Send-ChatMessage alice 'to be removed' -WaitFor Delivered
        $before = (Get-ChatHistory).Count
        Get-ChatHistory -Search 'to be removed' | Remove-ChatMessage -WhatIf
        (Get-ChatHistory).Count | Should -Be $before
        Get-ChatHistory -Search 'to be removed' | Remove-ChatMessage -WarningAction Ignore
        Get-ChatHistory -Search 'to be removed' | Should -BeNullOrEmpty
    }

    It 'completes servers' -Tag Tab { Get-CompletionText 'Remove-ChatMessage -Server al' | Should -Be alice }
}

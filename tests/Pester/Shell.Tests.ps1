BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force
    Start-Conversation
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'PlainText'
}

AfterAll {
    $PSStyle.OutputRendering = $rendering
    Remove-Module PSSecureChat -ErrorAction Ignore
}

Describe 'Tab' {
    It 'completes peers after <Line>' -ForEach @(
        @{ Line = 'Send-ChatMessage ' }
        @{ Line = 'Send-ChatMessage -To a' }
        @{ Line = 'Get-ChatInbox ' }
        @{ Line = 'Get-ChatPeer AL' }
        @{ Line = 'Send-ChatMessage ghost, ' }
    ) {
        Get-CompletionText $Line | Should -Be alice
    }

    It 'completes servers' {
        Get-CompletionText 'Get-ChatInbox -Server ' | Should -Be alice, bob
        Get-CompletionText 'Stop-ChatServer b' | Should -Be bob
    }

    It 'tells in the tool tip how the peer stands' {
        $tip = (TabExpansion2 'Send-ChatMessage a' 18).CompletionMatches.ToolTip
        $tip | Should -Match 'Online.*Unverified.*unread'
    }
}

Describe 'Views' {
    BeforeAll {
        $escape = [char]27
        $hostile = "harmless$escape[2J$escape]0;title$([char]7)$([char]0x202E)txt.exe"
        Send-ChatMessage alice $hostile -WaitFor Delivered | Out-Null
        Send-ChatMessage alice ('long words that have to be wrapped ' * 5) -WaitFor Delivered | Out-Null
        $messages = Get-ChatInbox -Server alice
    }

    It 'show a conversation within 80 columns' {
        $lines = ($messages | Out-String -Width 80).Split([Environment]::NewLine)
        $lines | Where-Object Length -gt 80 | Should -BeNullOrEmpty
        $lines -match '<- bob\s+Received\s+harmless' | Should -HaveCount 1
        $lines -match 'Time\s+Peer\s+State\s+Text' | Should -HaveCount 1
    }

    It 'lose no word of a long text' {
        ($messages[1] | Format-Table | Out-String -Width 80) -replace '\s' | Should -Match 'wrapped'
        ([regex]::Matches((($messages[1] | Format-List | Out-String -Width 80) -replace '\s'), 'wrapped')).Count | Should -Be 5
    }

    It 'let no escape sequence of a peer through in <View>' -ForEach @(
        @{ View = 'Format-Table' }, @{ View = 'Format-List' }, @{ View = 'Format-Wide' }, @{ View = 'Format-Custom' }, @{ View = 'Out-String' }
    ) {
        $shown = $messages[0] | & $View | Out-String -Width 80
        $shown | Should -Match 'harmless'
        $shown | Should -Not -Match '[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]'
    }

    It 'let none through after an object of another type, where PowerShell takes no view' {
        $shown = & { Get-ChatServer; $messages[0]; Get-ChatPeer } | Out-String -Width 80
        $shown | Should -Match 'DisplayText\s+: harmless'
        $shown | Should -Not -Match '[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]'
    }

    It 'leave the text itself as it was sent' {
        $messages[0].Text | Should -BeExactly $hostile
    }

    It 'show peers and servers within 80 columns' {
        $peers = (Get-ChatPeer | Out-String -Width 80).Split([Environment]::NewLine)
        $peers -match 'alice\s+Online\s+Unverified\s+\d+\s+\d+\s+127\.0\.0\.1:\d+' | Should -HaveCount 1
        $servers = (Get-ChatServer | Out-String -Width 80).Split([Environment]::NewLine)
        $servers -match 'bob\s+Running\s+127\.0\.0\.1:\d+' | Should -HaveCount 1
        $peers + $servers | Where-Object Length -gt 80 | Should -BeNullOrEmpty
        Get-ChatPeer | Format-List | Out-String | Should -Match 'SafetyNumber'
    }

    It 'show peers whole when one has a long name' {
        $long = Start-ChatServer 127.0.0.1 0 "long$('-name' * 8)" -Ephemeral -AcceptFrom Anyone
        $null = Connect-ChatPeer $long.Endpoint -Server bob
        try {
            $peers = (Get-ChatPeer -Server bob | Out-String -Width 80).Split([Environment]::NewLine)
            $peers | Where-Object Length -gt 80 | Should -BeNullOrEmpty
            $peers -match 'Online\s+Unverified\s+\d+\s+\d+\s+127\.0\.0\.1:\d+$' | Should -HaveCount 2
            $peers -join '' -replace '\s' | Should -Not -Match ([char]0x2026)
            @($peers -match 'name').Count | Should -BeGreaterThan 1
        }
        finally { Stop-ChatServer $long }
    }

    It 'show a file with the longest name on one line, and what kind it is' {
        $file = Join-Path $TestDrive "$('f' * 251).txt"
        Set-Content $file 'content'
        $null = Send-ChatFile alice $file -Server bob
        $lines = (Get-ChatTransfer -Server bob | Out-String -Width 80).Split([Environment]::NewLine)
        $lines -match '^f+…f+\.txt\s+-> alice\s+\d+ B\s+0%\s+Offered$' | Should -HaveCount 1
        $lines | Where-Object Length -gt 80 | Should -BeNullOrEmpty
    }

    It 'divide a long text between words in <_>' -ForEach 'en-US', 'nl-NL', 'ja-JP' {
        $before = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = $_
            $test = Test-ChatPeer 127.0.0.1:1
            $shown = $test | Out-String
            $messages[1] | Out-String | Should -Match '(?s)(wrapped.*){5}' -Because 'each word is whole'
            ($test.Reason -split ' ') + ($test.Recommendation -split ' ') | Where-Object { -not $shown.Contains($_) } | Should -BeNullOrEmpty
        }
        finally { [cultureinfo]::CurrentCulture = $before }
    }

    It 'show a conversation as people write it down' {
        $lines = (Get-ChatHistory -Server alice | Format-Table -View Conversation | Out-String -Width 80).Split([Environment]::NewLine)
        $lines -match "^   With: bob, $(Get-Date -Format yyyy-MM-dd)" | Should -HaveCount 1
        $lines -match '^\d\d:\d\d bob\s+harmless' | Should -HaveCount 1
        $lines | Where-Object Length -gt 80 | Should -BeNullOrEmpty
        $lines -join '' | Should -Not -Match '[\u0000-\u001F\u007F-\u009F\u202A-\u202E]'
    }

    It 'show whom to trust' {
        $lines = (Get-ChatPeer | Format-Table -View Security | Out-String -Width 80).Split([Environment]::NewLine)
        $lines -match "^alice\s+Online\s+Unverified\s+$($alice.Fingerprint)$" | Should -HaveCount 1
        $lines | Where-Object Length -gt 80 | Should -BeNullOrEmpty
    }

    It 'have colour only where PowerShell shows colour' {
        try {
            $PSStyle.OutputRendering = 'Ansi'
            Get-ChatPeer | Out-String | Should -Match "$([char]27)\[32mOnline"
            $messages[0] | Format-Table -View Conversation | Out-String | Should -Match "$([char]27)\[36mbob"
            $PSStyle.OutputRendering = 'Host'
            Get-ChatPeer | Out-String | Should -Not -Match ([char]27)
        }
        finally { $PSStyle.OutputRendering = 'PlainText' }
    }

    It 'show messages that were exported, or came from a job, like others' {
        $expected = ($messages[0] | Out-String -Width 80).Trim()
        $file = Join-Path $TestDrive 'messages.xml'
        $messages[0] | Export-Clixml $file
        (Import-Clixml $file | Out-String -Width 80).Trim() | Should -BeExactly $expected
        foreach ($depth in 1, 2) {
            $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($messages[0], $depth))
            ($copy | Out-String -Width 80).Trim() | Should -BeExactly $expected
        }
    }
}

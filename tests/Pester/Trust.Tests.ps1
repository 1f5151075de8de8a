BeforeAll {
    . $PSScriptRoot/Session.ps1
    Import-Module $Manifest -Force

    function Start-Request {
        # dora dialled erin, the newest server, who lets nobody in unasked.
        $script:dora = Start-ChatServer 127.0.0.1 0 dora -Ephemeral -AcceptFrom Anyone
        $script:erin = Start-ChatServer 127.0.0.1 0 erin -Ephemeral
        $null = Connect-ChatPeer $erin.Endpoint -Server $dora
        Wait-Until { (Get-ChatPeer dora -ErrorAction Ignore).State -eq 'Requested' }
    }
}

AfterAll { Remove-Module PSSecureChat -ErrorAction Ignore }

Describe 'Approve-ChatPeer' {
    BeforeEach { Start-Request }
    AfterEach { Stop-Conversation }

    It 'lets a stranger in, and what it had sent comes' -Tag Success {
        Send-ChatMessage erin 'let me in' -Server dora -WarningAction Ignore
        Approve-ChatPeer dora
        Wait-Until { (Get-ChatPeer dora).Unread -eq 1 }
        (Get-ChatInbox).Text | Should -Be 'let me in'
    }

    It 'verifies with the right safety number, and does nothing with another' -Tag Success, BadInput {
        Get-ErrorOf { Approve-ChatPeer dora -SafetyNumber ('00000 ' * 12).Trim() } | Should -Not -BeNullOrEmpty
        (Get-ChatPeer dora).State | Should -Be Requested
        (Approve-ChatPeer dora -SafetyNumber (Get-ChatPeer erin -Server dora).SafetyNumber -PassThru).Trust | Should -Be Verified
    }

    It 'names one that is not there' -Tag BadInput { Assert-Error { Approve-ChatPeer ghost } PeerUnknown }

    It 'takes peers from the pipeline, and does nothing with -WhatIf' -Tag Pipeline {
        Get-ChatPeer | Approve-ChatPeer -WhatIf
        (Get-ChatPeer dora).State | Should -Be Requested
        (Get-ChatPeer | Where-Object State -eq Requested | Approve-ChatPeer -PassThru).Name | Should -Be dora
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Approve-ChatPeer d' | Should -Be dora }
}

Describe 'Confirm-ChatPeer' {
    BeforeEach { Start-Conversation }
    AfterEach { Stop-Conversation }

    It 'verifies a peer with the number of the other side' -Tag Success {
        $number = (Get-ChatPeer bob -Server alice).SafetyNumber
        (Confirm-ChatPeer alice $number -PassThru).Trust | Should -Be Verified
    }

    It 'refuses another number, and names a peer that is not there' -Tag BadInput {
        $failure = Get-ErrorOf { Confirm-ChatPeer alice ('12345 ' * 12).Trim() }
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        (Get-ChatPeer alice).Trust | Should -Be Unverified
        Assert-Error { Confirm-ChatPeer ghost 1 } PeerUnknown
    }

    It 'takes peers from the pipeline, but never their own number' -Tag Pipeline {
        (Get-Command Confirm-ChatPeer).Parameters['SafetyNumber'].Attributes.ValueFromPipelineByPropertyName | Should -Not -Contain $true
        $number = (Get-ChatPeer bob -Server alice).SafetyNumber
        (Get-ChatPeer alice | Confirm-ChatPeer -SafetyNumber $number -PassThru).Trust | Should -Be Verified
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Confirm-ChatPeer ' | Should -Be alice }
}

Describe 'Block-ChatPeer' {
    BeforeEach { Start-Conversation }
    AfterEach { Stop-Conversation }

    It 'ends the conversation and keeps the peer out' -Tag Success {
        (Block-ChatPeer alice -PassThru).State | Should -Be Blocked
        Assert-Error { Send-ChatMessage alice hi } PeerBlocked
    }

    It 'names one that is not there' -Tag BadInput { Assert-Error { Block-ChatPeer ghost } PeerUnknown }

    It 'takes peers from the pipeline, and does nothing with -WhatIf' -Tag Pipeline {
        Get-ChatPeer a* | Block-ChatPeer -WhatIf
        (Get-ChatPeer alice).State | Should -Be Online
        Get-ChatPeer a* | Block-ChatPeer
        (Get-ChatPeer alice).State | Should -Be Blocked
    }

    It 'completes names' -Tag Tab { Get-CompletionText 'Block-ChatPeer ' | Should -Be alice }
}

Describe 'Unblock-ChatPeer' {
    BeforeEach {
        Start-Conversation
        Block-ChatPeer alice
    }
    AfterEach { Stop-Conversation }

    It 'lets the peer in again' -Tag Success {
        Unblock-ChatPeer alice
        $null = Connect-ChatPeer $alice.Endpoint
        (Send-ChatMessage alice hi -WaitFor Delivered).State | Should -Be Delivered
    }

    It 'names one that is not there' -Tag BadInput { Assert-Error { Unblock-ChatPeer ghost } PeerUnknown }

    It 'takes peers from the pipeline' -Tag Pipeline { (Get-ChatPeer | Unblock-ChatPeer -PassThru).State | Should -Not -Be Blocked }

    It 'completes names' -Tag Tab { Get-CompletionText 'Unblock-ChatPeer a' | Should -Be alice }
}

Describe 'New-ChatInvitation' {
    BeforeAll {
        $dora = Start-ChatServer 127.0.0.1 0 dora -Ephemeral
        $erin = Start-ChatServer 127.0.0.1 0 erin -Ephemeral
    }
    AfterAll { Stop-Conversation }

    It 'lets one person in once, and verified' -Tag Success {
        $invitation = New-ChatInvitation
        $invitation | Should -BeLike 'pssc1_*'
        (Connect-ChatPeer $invitation -Server dora).Trust | Should -Be Verified
        Wait-Until { (Get-ChatPeer dora).Trust -eq 'Verified' }
    }

    It 'refuses a time and a port that cannot be' -Tag BadInput {
        Get-ErrorOf { New-ChatInvitation -ExpiresIn '31.00:00' } | Should -Not -BeNullOrEmpty
        (Get-ErrorOf { New-ChatInvitation 127.0.0.1 abc }).Exception.Message | Should -Match "'abc' is not a port"
    }

    It 'is made of servers from the pipeline' -Tag Pipeline {
        [pscustomobject]@{ Server = $dora } | New-ChatInvitation | Should -BeLike 'pssc1_*'
    }

    It 'completes servers' -Tag Tab { Get-CompletionText 'New-ChatInvitation -Server ' | Should -Be dora, erin }
}

Describe 'Get-ChatInvitation' {
    BeforeAll { $erin = Start-ChatServer 127.0.0.1 0 erin -Ephemeral }
    AfterAll { Stop-Conversation }

    It 'gets what is open, and nothing that lets anybody in' -Tag Success {
        $line = New-ChatInvitation -ExpiresIn '1:00'
        $open = Get-ChatInvitation $line
        $open | Should -BeOfType ([PSSecureChat.ChatInvitation])
        $open.ExpiresAt | Should -BeGreaterThan ([DateTimeOffset]::Now.AddMinutes(50))
        $open | ConvertTo-Json | Should -Not -Match $line.Substring(16)
    }

    It 'shows within 80 columns' {
        (Get-ChatInvitation | Out-String -Width 80).Split([Environment]::NewLine) | Where-Object Length -gt 80 | Should -BeNullOrEmpty
    }

    It 'names one that is not there' -Tag BadInput {
        Get-ErrorOf { Get-ChatInvitation AAAAAAAA } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'InvitationUnknown,*'
        Get-ChatInvitation nothing* | Should -BeNullOrEmpty
    }

    It 'takes servers from the pipeline' -Tag Pipeline { @(Get-ChatServer | Get-ChatInvitation).Count | Should -BeGreaterThan 0 }

    It 'completes servers' -Tag Tab { Get-CompletionText 'Get-ChatInvitation -Server ' | Should -Be erin }
}

Describe 'Remove-ChatInvitation' {
    BeforeAll {
        $dora = Start-ChatServer 127.0.0.1 0 dora -Ephemeral
        $erin = Start-ChatServer 127.0.0.1 0 erin -Ephemeral
    }
    AfterAll { Stop-Conversation }

    It 'lets nobody in by the line any more' -Tag Success {
        $line = New-ChatInvitation
        Remove-ChatInvitation $line
        Get-ChatInvitation | Should -BeNullOrEmpty
        Get-ErrorOf { Connect-ChatPeer $line -Server dora } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'InvitationRefused,*'
    }

    It 'names one that is not there' -Tag BadInput {
        Get-ErrorOf { Remove-ChatInvitation AAAAAAAA } | ForEach-Object FullyQualifiedErrorId | Should -BeLike 'InvitationUnknown,*'
    }

    It 'takes invitations from the pipeline, and does nothing with -WhatIf' -Tag Pipeline {
        1..2 | ForEach-Object { $null = New-ChatInvitation }
        Get-ChatInvitation | Remove-ChatInvitation -WhatIf
        @(Get-ChatInvitation).Count | Should -Be 2
        Get-ChatInvitation | Remove-ChatInvitation
        Get-ChatInvitation | Should -BeNullOrEmpty
    }

    It 'completes servers' -Tag Tab { Get-CompletionText 'Remove-ChatInvitation -Server d' | Should -Be dora }
}

@{
    RootModule           = 'module/bin/PSSecureChat.dll'
    ModuleVersion        = '1.0.0'
    GUID                 = 'f099c603-bff9-43f2-baf2-184d1cbb0ba7'
    Author               = 'PSSecureChat contributors'
    CompanyName          = 'PSSecureChat contributors'
    Copyright            = 'PSSecureChat contributors. MIT licence.'
    Description          = 'End-to-end encrypted chat between two machines, without a server in between: talk from the prompt, in scripts and in pipelines.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.4'
    TypesToProcess       = @('module/PSSecureChat.Types.ps1xml')
    FormatsToProcess     = @('module/PSSecureChat.Format.ps1xml')
    CmdletsToExport      = @(
        'Approve-ChatPeer'
        'Backup-ChatStore'
        'Block-ChatPeer'
        'Confirm-ChatPeer'
        'Connect-ChatPeer'
        'Disconnect-ChatPeer'
        'Enter-ChatConversation'
        'Get-ChatConsumer'
        'Get-ChatHistory'
        'Get-ChatInbox'
        'Get-ChatInvitation'
        'Get-ChatOutbox'
        'Get-ChatPeer'
        'Get-ChatServer'
        'Get-ChatTransfer'
        'New-ChatInvitation'
        'Receive-ChatFile'
        'Receive-ChatMessage'
        'Register-ChatEvent'
        'Remove-ChatConsumer'
        'Remove-ChatInvitation'
        'Remove-ChatMessage'
        'Remove-ChatPeer'
        'Restore-ChatStore'
        'Resume-ChatTransfer'
        'Send-ChatFile'
        'Send-ChatMessage'
        'Start-ChatServer'
        'Stop-ChatServer'
        'Stop-ChatTransfer'
        'Suspend-ChatTransfer'
        'Test-ChatPeer'
        'Unblock-ChatPeer'
        'Wait-ChatMessage'
    )
    FunctionsToExport    = @()
    AliasesToExport      = @()
    VariablesToExport    = @()
    PrivateData          = @{
        PSData = @{
            Tags         = @('chat', 'messaging', 'encryption', 'end-to-end', 'e2ee', 'peer-to-peer', 'noise', 'post-quantum', 'automation', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            LicenseUri   = 'https://licenses.nuget.org/MIT'
            ReleaseNotes = 'The first release: encrypted conversations between sessions, with a durable outbox. See CHANGELOG.md in the package.'
        }
    }
}
